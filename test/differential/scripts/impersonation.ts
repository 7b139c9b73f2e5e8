/** Acting as somebody else, with rights for single requests and for all. */

import { of, pod } from './objects.ts'
import { at, get, post, remove, script, type Script, type Step } from './script.ts'

const maps = at('configmaps')
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const tokenRequest = (spec: object) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })
const rule = (verbs: readonly string[], resources: readonly string[], apiGroups = ['authentication.k8s.io']) => ({
  apiGroups,
  resources,
  verbs,
})

/** What the service account asks, each time as somebody else. */
type Wish = readonly [headers: Readonly<Record<string, string>>, ask?: (headers: object) => Step]

const NODE = '$NS-n'
const AS = {
  user: { 'impersonate-user': 'jane' },
  node: { 'impersonate-user': `system:node:${NODE}` },
  account: { 'impersonate-user': 'system:serviceaccount:$NS:other' },
}
const read = (path: string) => (more: object) => get(path, more)

const WISHES: readonly Wish[] = [
  [AS.user],
  [AS.node],
  [AS.account],
  [{ 'impersonate-user': 'system:node:other' }],
  [{ 'impersonate-user': 'system:node:No_node' }],
  [{ 'impersonate-user': 'system:serviceaccount:$NS' }],
  [{ 'impersonate-user': 'system:serviceaccount:No_ns:x' }],
  [{ 'impersonate-user': 'system:serviceaccount:$NS:No_name' }],
  [{ 'impersonate-user': 'system:anonymous' }],
  [{ 'impersonate-user': 'a<b>&"c' }],
  [{ ...AS.user, 'impersonate-group': 'g' }],
  [{ ...AS.user, 'impersonate-group': '' }],
  [{ ...AS.user, 'impersonate-group': 'system:masters' }],
  [{ ...AS.user, 'impersonate-group': 'g, h' }],
  [{ ...AS.node, 'impersonate-group': 'g' }],
  [{ ...AS.account, 'impersonate-group': 'g' }],
  [{ ...AS.user, 'impersonate-uid': 'u' }],
  [{ ...AS.account, 'impersonate-uid': 'u' }],
  [{ ...AS.user, 'impersonate-extra-foo': 'bar' }],
  [{ ...AS.user, 'impersonate-extra-a.io%2Ffoo': 'bar' }],
  [{ ...AS.user, 'impersonate-extra-a.io%2FFoo': 'bar' }],
  [{ ...AS.user, 'impersonate-extra-a.io%2Ffoo': '' }],
  [{ ...AS.user, 'impersonate-extra-a_b%2Ff%20o': 'bar' }],
  [{ ...AS.user, 'impersonate-extra-%2F': 'bar' }],
  [{ ...AS.user, 'impersonate-extra-': 'bar' }],
  [{ 'impersonate-group': 'g' }],
  [{ 'impersonate-extra-a': 'g' }],
  [AS.user, read(at('configmaps', 'x'))],
  [AS.user, read('/nope')],
  [AS.user, read(`/api/v1/nodes?fieldSelector=metadata.name%3Dn`)],
  [AS.user, (more) => post(`${at('pods', 'p')}/eviction`, {}, more)],
  [AS.user, (more) => remove(maps, more)],
  [AS.node, read('/api/v1/nodes')],
  [AS.account, read('/apis/apps/v1/deployments')],
  [AS.user, (more) => post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, more)],
  [AS.node, (more) => post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, more)],
  [AS.account, (more) => post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, more)],
  [
    { ...AS.user, 'impersonate-group': 'g', 'impersonate-uid': 'u', 'impersonate-extra-a.io%2Ffoo': 'bar' },
    (more) => post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, more),
  ],
  [
    { 'impersonate-user': 'system:anonymous' },
    (more) => post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, more),
  ],
]

const asAccount = (headers: object): Partial<Step> => ({
  anonymous: true,
  headers: { authorization: 'Bearer $TOKEN', ...headers },
})

/** The same wishes of a service account that has these rules, bound to a Pod on a node. */
function withRules(name: string, rules: readonly object[]): Script {
  const role = of('rbac.authorization.k8s.io/v1', 'ClusterRole', '$NS-r', { rules })
  const binding = of('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', '$NS-r', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: '$NS-r' },
    subjects: [{ kind: 'ServiceAccount', name: 'agent', namespace: '$NS' }],
  })
  const bound = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } }
  const made = pod('p', { nodeName: NODE, serviceAccountName: 'agent' })
  return script(
    `impersonation/${name}`,
    post('/api/v1/nodes', of('v1', 'Node', NODE, {}), { unread: true }),
    post(at('serviceaccounts'), of('v1', 'ServiceAccount', 'agent', {}), { unread: true }),
    post(at('pods'), made, { unread: true }),
    post(`${rbac}/clusterroles`, role, { unread: true }),
    post(`${rbac}/clusterrolebindings`, binding, { unread: true }),
    post(`${at('serviceaccounts', 'agent')}/token`, tokenRequest(bound), {
      unread: true,
      save: { TOKEN: 'status.token' },
    }),
    ...WISHES.map(([headers, ask = read(maps)], index) => {
      const step = ask(asAccount(headers))
      return index === 0 ? { ...step, waitMs: 1_000 } : step
    }),
    remove(`${rbac}/clusterrolebindings/$NS-r`, { unread: true }),
    remove(`${rbac}/clusterroles/$NS-r`, { unread: true }),
    remove(`/api/v1/nodes/${NODE}`, { unread: true }),
  )
}

const LISTING = ['list', 'get', 'create']
const on = (mode: string) => rule([`impersonate-on:${mode}:*`], ['*'], ['*'])
const onVerbs = (mode: string, resources = ['configmaps']) =>
  rule(
    LISTING.map((verb) => `impersonate-on:${mode}:${verb}`),
    resources,
    [''],
  )
const reviews = (mode: string) => rule([`impersonate-on:${mode}:create`], ['selfsubjectreviews'])

export const impersonationScripts: readonly Script[] = [
  withRules('nothing', []),
  withRules('legacy', [
    rule(['impersonate'], ['users', 'groups', 'serviceaccounts'], ['']),
    rule(['impersonate'], ['*']),
  ]),
  withRules('legacy users', [rule(['impersonate'], ['users'], [''])]),
  withRules('user-info', [onVerbs('user-info'), reviews('user-info'), rule(['impersonate:user-info'], ['*'])]),
  withRules('user-info without names', [onVerbs('user-info'), reviews('user-info')]),
  withRules('user-info names only', [rule(['impersonate:user-info'], ['users'])]),
  withRules('user-info wildcard', [
    on('user-info'),
    rule(['impersonate:user-info'], ['users', 'groups', 'uids', 'userextras/*']),
  ]),
  withRules('serviceaccount', [
    onVerbs('serviceaccount'),
    reviews('serviceaccount'),
    rule(['impersonate:serviceaccount'], ['serviceaccounts']),
  ]),
  withRules('arbitrary-node', [
    onVerbs('arbitrary-node'),
    reviews('arbitrary-node'),
    rule(['impersonate:arbitrary-node'], ['nodes']),
  ]),
  withRules('associated-node', [
    onVerbs('associated-node'),
    reviews('associated-node'),
    rule(['impersonate:associated-node'], ['nodes']),
  ]),
  withRules('associated-node by name', [
    onVerbs('associated-node'),
    { ...rule(['impersonate:associated-node'], ['nodes']), resourceNames: [NODE] },
  ]),
  withRules('both', [
    onVerbs('user-info'),
    { ...rule(['impersonate:user-info'], ['users']), resourceNames: ['jane'] },
    rule(['impersonate'], ['users', 'groups'], ['']),
    rule(['list'], ['configmaps'], ['']),
  ]),
]
