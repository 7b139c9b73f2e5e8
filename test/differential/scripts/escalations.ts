/** Rights that are given away by who holds them, and by who does not: roles, bindings, the verbs `escalate` and `bind`. */

import { of } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, type Step } from './script.ts'

type Json = Readonly<Record<string, unknown>>
const GROUP = 'rbac.authorization.k8s.io'
const API = `${GROUP}/v1`
const cluster = (resource: string, name?: string) => `/apis/${API}/${resource}${name === undefined ? '' : `/${name}`}`
const role = (name: string, rules: unknown, more: Json = {}) => of(API, 'Role', name, { rules, ...more })
const clusterRole = (name: string, rules: unknown, more: Json = {}) => of(API, 'ClusterRole', name, { rules, ...more })
const rule = (verbs: readonly string[], resources: readonly string[], apiGroups = [''], more: Json = {}) => ({
  verbs,
  apiGroups,
  resources,
  ...more,
})
const JANE = { kind: 'User', name: '$NS-jane', apiGroup: GROUP }
const ref = (kind: string, name: string) => ({ apiGroup: GROUP, kind, name })
const binding = (name: string, roleRef: Json, subjects: unknown = [JANE]) =>
  of(API, 'RoleBinding', name, { subjects, roleRef })
const clusterBinding = (name: string, roleRef: Json) =>
  of(API, 'ClusterRoleBinding', name, { subjects: [JANE], roleRef })
const AS = { headers: { 'impersonate-user': '$NS-jane', 'impersonate-group': 'devs' } }
const roles = at('roles')
const bindings = at('rolebindings')
const WRITES = ['get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** What Jane has here: roles and bindings to write, and a few rights to give away. */
const given = (...more: readonly Json[]): Step[] => [
  post(roles, role('jane', [rule(WRITES, ['roles', 'rolebindings'], [GROUP]), ...more])),
  post(bindings, binding('jane', ref('Role', 'jane'))),
  { ...get(roles, { unread: true }), waitMs: 400 },
]

const WISHES: readonly (readonly [name: string, rules: unknown])[] = [
  ['held', [rule(['get'], ['pods'])]],
  ['held by name', [rule(['get'], ['pods'], [''], { resourceNames: ['a', 'b'] })]],
  ['another verb', [rule(['get', 'list', 'watch', 'get'], ['pods'])]],
  ['any verb', [rule(['*'], ['pods'])]],
  ['another resource', [rule(['get'], ['pods', 'secrets', 'configmaps'])]],
  ['a subresource', [rule(['get'], ['pods/log'])]],
  ['any subresource', [rule(['update'], ['*/scale'], ['apps'])]],
  ['a subresource of any', [rule(['update'], ['deployments/scale', 'x/scale'], ['apps'])]],
  ['another group', [rule(['get'], ['pods'], ['', 'apps', 'x.io'])]],
  ['any group', [rule(['get'], ['pods'], ['*'])]],
  ['everything', [rule(['*'], ['*'], ['*'])]],
  ['one name of those held', [rule(['update'], ['configmaps'], [''], { resourceNames: ['only'] })]],
  ['another name', [rule(['update'], ['configmaps'], [''], { resourceNames: ['only', 'other'] })]],
  ['all names', [rule(['update'], ['configmaps'])]],
  ['several rules', [rule(['delete'], ['pods']), rule(['delete'], ['pods', 'nodes']), rule(['get'], ['pods'])]],
  ['no verbs', [rule([], ['secrets'])]],
  ['no groups', [rule(['get'], ['secrets'], [])]],
  ['paths', [{ verbs: ['get'], nonResourceURLs: ['/x'] }]],
  ['nothing', []],
  ['null', null],
]

const roleWishes: readonly Step[] = [
  ...given(
    rule(['get'], ['pods']),
    rule(['update'], ['*/scale'], ['apps']),
    rule(['update'], ['configmaps'], [''], { resourceNames: ['only'] }),
  ),
  ...WISHES.flatMap(([, rules]) => [
    post(`${roles}?dryRun=All`, role('wish', rules), AS),
    apply(`${at('roles', 'wish')}?dryRun=All&fieldManager=m`, role('wish', rules), AS),
  ]),
  post(roles, of(API, 'Role', '', { rules: [rule(['*'], ['*'])] }, { generateName: 'g-' }), AS),
  post(roles, role('much', [rule(['*'], ['secrets'])])),
  post(roles, role('little', [rule(['get'], ['pods'])]), AS),
  post(roles, role('little', [rule(['get'], ['secrets'])]), AS),
  put(at('roles', 'little'), role('little', [rule(['get', 'list'], ['pods'])]), AS),
  put(at('roles', 'little'), role('little', [rule(['get'], ['pods'], [''], { resourceNames: ['a'] })]), AS),
  put(at('roles', 'none'), role('none', [rule(['get'], ['secrets'])]), AS),
  patch(at('roles', 'none'), { rules: [] }, AS),
  patch(at('roles', 'much'), { metadata: { labels: { a: 'b' } } }, AS),
  patch(at('roles', 'much'), { metadata: { finalizers: ['a.io/f'] } }, AS),
  patch(
    at('roles', 'much'),
    { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } },
    AS,
  ),
  patch(at('roles', 'much'), { metadata: { finalizers: null, annotations: { a: 'b' } } }, AS),
  patch(at('roles', 'much'), {}, AS),
  patch(at('roles', 'much'), { metadata: { finalizers: null } }, AS),
  patch(at('roles', 'much'), { rules: null }, AS),
  jsonPatch(at('roles', 'little'), [{ op: 'add', path: '/rules/-', value: rule(['get'], ['nodes']) }], AS),
  apply(`${at('roles', 'little')}?fieldManager=m&force=true`, role('little', [rule(['get'], ['nodes'])]), AS),
  remove(at('roles', 'much'), AS),
  get(roles),
]

const bindingWishes: readonly Step[] = [
  ...given(rule(['get'], ['pods']), rule(['bind'], ['roles'], [GROUP], { resourceNames: ['free'] })),
  post(roles, role('held', [rule(['get'], ['pods'])])),
  post(roles, role('free', [rule(['get'], ['secrets'])])),
  post(roles, role('much', [rule(['get', 'list'], ['secrets']), rule(['get'], ['pods'])])),
  post(cluster('clusterroles'), clusterRole('$NS-much', [rule(['*'], ['nodes'])])),
  { ...post(bindings, binding('a', ref('Role', 'held')), AS), waitMs: 400 },
  post(bindings, binding('b', ref('Role', 'free')), AS),
  post(bindings, binding('c', ref('Role', 'much')), AS),
  post(bindings, binding('c', ref('ClusterRole', '$NS-much')), AS),
  post(bindings, binding('c', ref('ClusterRole', 'none')), AS),
  post(bindings, binding('c', ref('Role', 'none')), AS),
  post(bindings, binding('c', ref('Role', '')), AS),
  post(`${bindings}?dryRun=All`, binding('c', ref('Role', 'much')), AS),
  apply(`${at('rolebindings', 'c')}?fieldManager=m`, binding('c', ref('Role', 'much')), AS),
  post(bindings, binding('b', ref('Role', 'held')), AS),
  post(bindings, binding('Bad_name:', ref('Role', 'held'), [{ kind: 'User', name: '' }]), AS),
  patch(at('rolebindings', 'b'), { subjects: [JANE, { ...JANE, name: 'other' }] }, AS),
  patch(at('rolebindings', 'b'), { roleRef: ref('Role', 'much') }, AS),
  patch(at('rolebindings', 'a'), { roleRef: ref('Role', 'free') }, AS),
  post(bindings, binding('d', ref('Role', 'much'))),
  patch(at('rolebindings', 'd'), { subjects: [] }, AS),
  patch(at('rolebindings', 'd'), { metadata: { labels: { a: 'b' } } }, AS),
  patch(at('rolebindings', 'd'), { metadata: { finalizers: ['a.io/f'] } }, AS),
  patch(at('rolebindings', 'd'), { metadata: { finalizers: null } }, AS),
  put(at('rolebindings', 'd'), binding('d', ref('Role', 'much')), AS),
  remove(at('rolebindings', 'd'), AS),
  // A binding of a role that is no more.
  post(bindings, binding('e', ref('Role', 'gone'))),
  patch(at('rolebindings', 'e'), { subjects: [] }, AS),
  { ...post(roles, role('more', [rule(['get'], ['secrets'])]), AS), waitMs: 400 },
  get(bindings),
  remove(cluster('clusterroles', '$NS-much')),
]

const JANES = [
  post(
    cluster('clusterroles'),
    clusterRole('$NS-jane', [
      rule(WRITES, ['clusterroles', 'clusterrolebindings'], [GROUP]),
      rule(['get'], ['nodes']),
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/x/*'] },
    ]),
  ),
  post(cluster('clusterrolebindings'), clusterBinding('$NS-jane', ref('ClusterRole', '$NS-jane'))),
]
const PATHS: readonly unknown[] = [
  [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
  [{ verbs: ['get'], nonResourceURLs: ['/x/*', '/x/y', '/x/y/*'] }],
  [{ verbs: ['get'], nonResourceURLs: ['/x', '/x*', '/'] }],
  [{ verbs: ['get', 'post'], nonResourceURLs: ['/healthz'] }],
  [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  [rule(['get'], ['nodes'])],
  [rule(['get', 'list'], ['nodes']), rule(['get'], ['pods'])],
]
const aggregation = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: '$NS' } }] } }
const clusterWishes: readonly Step[] = [
  ...JANES,
  { ...get(cluster('clusterroles', '$NS-jane')), waitMs: 400 },
  ...PATHS.map((rules) => post(`${cluster('clusterroles')}?dryRun=All`, clusterRole('$NS-wish', rules), AS)),
  post(`${cluster('clusterroles')}?dryRun=All`, clusterRole('$NS-wish', null, aggregation), AS),
  post(`${cluster('clusterroles')}?dryRun=All`, clusterRole('$NS-wish', null, { aggregationRule: {} }), AS),
  post(
    `${cluster('clusterroles')}?dryRun=All`,
    clusterRole('$NS-wish', null, { aggregationRule: { clusterRoleSelectors: [] } }),
    AS,
  ),
  post(cluster('clusterroles'), clusterRole('$NS-gather', null, aggregation)),
  patch(cluster('clusterroles', '$NS-gather'), { metadata: { labels: { a: 'b' } } }, AS),
  patch(cluster('clusterroles', '$NS-gather'), { aggregationRule: null }, AS),
  patch(cluster('clusterroles', '$NS-gather'), { rules: [rule(['get'], ['nodes'])] }, AS),
  post(cluster('clusterrolebindings'), clusterBinding('$NS-b', ref('ClusterRole', 'cluster-admin')), AS),
  post(cluster('clusterrolebindings'), clusterBinding('$NS-b', ref('ClusterRole', '$NS-none')), AS),
  post(cluster('clusterrolebindings'), clusterBinding('$NS-b', ref('ClusterRole', 'system:basic-user')), AS),
  post(cluster('clusterrolebindings'), clusterBinding('$NS-c', ref('ClusterRole', '$NS-jane')), AS),
  patch(cluster('clusterrolebindings', '$NS-c'), { subjects: null }, AS),
  patch(cluster('clusterrolebindings', '$NS-c'), { roleRef: { name: 'cluster-admin' } }, AS),
  ...['$NS-jane', '$NS-b', '$NS-c'].map((name) => remove(cluster('clusterrolebindings', name))),
  ...['$NS-jane', '$NS-gather'].map((name) => remove(cluster('clusterroles', name))),
]

export const escalationScripts = [
  script('escalations/roles', ...roleWishes),
  script('escalations/bindings', ...bindingWishes),
  script('escalations/of the cluster', ...clusterWishes),
  script(
    'escalations/allowed by name',
    ...given(
      rule(['escalate'], ['roles'], [GROUP], { resourceNames: ['mine'] }),
      rule(['bind'], ['clusterroles'], [GROUP]),
    ),
    post(roles, role('mine', [rule(['get'], ['secrets'])]), AS),
    post(roles, role('mine', [rule(['get'], ['nodes'])])),
    put(at('roles', 'mine'), role('mine', [rule(['get'], ['secrets'])]), AS),
    patch(at('roles', 'mine'), { rules: [rule(['*'], ['*'], ['*'])] }, AS),
    apply(`${at('roles', 'mine')}?fieldManager=m&force=true`, role('mine', [rule(['list'], ['nodes'])]), AS),
    remove(at('roles', 'mine'), AS),
    apply(`${at('roles', 'mine')}?fieldManager=m&force=true`, role('mine', [rule(['list'], ['nodes'])]), AS),
    post(bindings, binding('a', ref('ClusterRole', 'cluster-admin')), AS),
    post(bindings, binding('b', ref('Role', 'mine')), AS),
    post(bindings, binding('n', ref('ClusterRole', '$NS-none')), AS),
    { ...get('/api/v1/namespaces/$NS/secrets', AS), waitMs: 400 },
    get('/api/v1/secrets?limit=1', { ...AS, unread: true }),
  ),
]
