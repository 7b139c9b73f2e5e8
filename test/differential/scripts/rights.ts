/** What users with few rights are allowed: one verb each, one name, a subresource, everything of a kind. */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, METADATA, patch, post, put, remove, script, type Step, TABLE, watch } from './script.ts'

const GROUP = 'rbac.authorization.k8s.io'
const API = `${GROUP}/v1`
const maps = at('configmaps')
const x = at('configmaps', 'x')
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const as = (name: string) => ({ headers: { 'impersonate-user': `$NS-${name}` } })

/** A user of that name who may do what the rule says, here. */
const user = (name: string, rule: object): Step[] => [
  post(at('roles'), of(API, 'Role', name, { rules: [rule] })),
  post(
    at('rolebindings'),
    of(API, 'RoleBinding', name, {
      subjects: [{ kind: 'User', name: `$NS-${name}`, apiGroup: GROUP }],
      roleRef: { apiGroup: GROUP, kind: 'Role', name },
    }),
  ),
]
const rule = (verbs: readonly string[], resources: readonly string[], more: object = {}) => ({
  apiGroups: ['', 'apps', 'policy', 'autoscaling', 'events.k8s.io'],
  verbs,
  resources,
  ...more,
})
const settled: Step = { ...get(maps, { unread: true }), waitMs: 500 }

const asked = (name: string): Step[] => [
  get(x, as(name)),
  get(x, { ...as(name), accept: METADATA }),
  get(x, { ...as(name), accept: TABLE }),
  get(`${x}?watch=1&timeoutSeconds=1`, as(name)),
  get(maps, { ...as(name), accept: METADATA }),
  get(`${maps}?fieldSelector=metadata.name%3Dx`, as(name)),
  get('/api/v1/configmaps?limit=1', { ...as(name), unread: true }),
  watch(`${maps}?fieldSelector=metadata.name%3Dx`, as(name)),
  get('/api/v1/watch/namespaces/$NS/configmaps/x?timeoutSeconds=1', as(name)),
  post(maps, configMap('y'), as(name)),
  post(`${maps}?dryRun=All`, configMap('z'), as(name)),
  put(`${x}?dryRun=All`, configMap('x', { data: { a: 'b' } }), as(name)),
  put(at('configmaps', 'new'), configMap('new'), as(name)),
  patch(`${x}?dryRun=All`, { data: { a: 'c' } }, as(name)),
  apply(`${x}?dryRun=All&fieldManager=m&force=true`, configMap('x', { data: { a: 'd' } }), as(name)),
  apply(`${at('configmaps', 'new')}?dryRun=All&fieldManager=m`, configMap('new'), as(name)),
  remove(`${x}?dryRun=All`, as(name)),
  remove(at('configmaps', 'none'), as(name)),
  remove(`${maps}?dryRun=All&labelSelector=a%3Db`, as(name)),
  post(x, configMap('x'), as(name)),
  put(maps, configMap('x'), as(name)),
]

const p = at('pods', 'p')
const parts = (name: string): Step[] => [
  get(p, { ...as(name), unread: true }),
  get(`${p}/status`, { ...as(name), unread: true }),
  patch(`${p}/status`, { status: { message: 'm' } }, { ...as(name), unread: true }),
  get(`${p}/log`, as(name)),
  post(`${p}/exec?command=ls`, undefined, as(name)),
  get(`${p}/exec?command=ls`, as(name)),
  post(`${p}/attach`, undefined, as(name)),
  get(`${p}/portforward`, as(name)),
  get(`${p}/proxy/`, as(name)),
  post(`${p}/eviction?dryRun=All`, of('policy/v1', 'Eviction', 'p'), as(name)),
  post(`${p}/binding?dryRun=All`, of('v1', 'Binding', 'p', { target: { name: 'n' } }), as(name)),
  patch(`${p}/ephemeralcontainers?dryRun=All`, {}, { ...as(name), unread: true }),
  patch(`${p}/resize?dryRun=All`, {}, { ...as(name), unread: true }),
  get(`${at('deployments', 'd')}/scale`, as(name)),
  patch(`${at('deployments', 'd')}/scale?dryRun=All`, { spec: { replicas: 2 } }, as(name)),
  patch(`${at('deployments', 'd')}?dryRun=All`, { spec: { replicas: 2 } }, { ...as(name), unread: true }),
  post(`${at('serviceaccounts', 'default')}/token`, of('authentication.k8s.io/v1', 'TokenRequest', '', { spec: {} }), {
    ...as(name),
    unread: true,
  }),
]

const named: readonly (readonly [name: string, rule: object])[] = [
  ['by-name', rule(VERBS, ['configmaps'], { resourceNames: ['x'] })],
  ['by-other-name', rule(VERBS, ['configmaps'], { resourceNames: ['y', ''] })],
  ['of-all', rule(['*'], ['configmaps'])],
  ['of-anything', rule(['get', 'list'], ['*'])],
  ['of-no-group', { ...rule(VERBS, ['configmaps']), apiGroups: ['apps'] }],
  ['of-any-group', { ...rule(['get'], ['configmaps']), apiGroups: ['*'] }],
  ['of-another-case', rule(['Get'], ['configmaps'])],
  ['of-the-kind', rule(VERBS, ['ConfigMap', 'configmap', 'cm'])],
]
const partRules: readonly (readonly [name: string, rule: object])[] = [
  ['pods', rule(['*'], ['pods'])],
  ['log', rule(['get'], ['pods/log', 'pods/status'])],
  ['exec', rule(['create'], ['pods/exec', 'pods/attach', 'pods/eviction', 'pods/binding', 'serviceaccounts/token'])],
  ['exec-by-get', rule(['get'], ['pods/exec', 'pods/portforward', 'pods/proxy'])],
  ['scale', rule(['get', 'patch'], ['*/scale', '*/ephemeralcontainers'])],
  ['parts', rule(['*'], ['pods/*'])],
  ['any', rule(['patch'], ['*'])],
  ['one', rule(['*'], ['pods/exec', 'pods/log'], { resourceNames: ['p'] })],
]

const reviews: readonly Step[] = [
  ...[...named, ...partRules].map(([name]) =>
    post(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      of('authorization.k8s.io/v1', 'SubjectAccessReview', '', {
        spec: {
          user: `$NS-${name}`,
          resourceAttributes: { namespace: '$NS', verb: 'get', resource: 'configmaps', name: 'x' },
        },
      }),
    ),
  ),
  ...named.map(([name]) =>
    post(
      at('localsubjectaccessreviews').replace('/api/v1', '/apis/authorization.k8s.io/v1'),
      of(
        'authorization.k8s.io/v1',
        'LocalSubjectAccessReview',
        '',
        {
          spec: { user: `$NS-${name}`, resourceAttributes: { namespace: '$NS', verb: 'list', resource: 'configmaps' } },
        },
        { namespace: '$NS' },
      ),
    ),
  ),
]

export const rightScripts = [
  script(
    'rights/verbs',
    post(maps, configMap('x')),
    ...VERBS.flatMap((verb) => user(verb, rule([verb], ['configmaps']))),
    settled,
    ...VERBS.flatMap(asked),
  ),
  script(
    'rights/names',
    post(maps, configMap('x')),
    ...named.flatMap(([name, rule]) => user(name, rule)),
    settled,
    ...named.flatMap(([name]) => asked(name)),
    ...reviews,
  ),
  script(
    'rights/subresources',
    post(at('pods'), pod('p')),
    post(at('deployments'), deployment('d')),
    ...partRules.flatMap(([name, rule]) => user(name, rule)),
    settled,
    ...partRules.flatMap(([name]) => parts(name)),
  ),
]
