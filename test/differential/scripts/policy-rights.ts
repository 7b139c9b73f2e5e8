/** Whoever makes a policy read parameters has to be allowed to read them. */

import { of } from './objects.ts'
import { get, patch, post, remove, script, type Step } from './script.ts'

type Json = Readonly<Record<string, unknown>>
const GROUP = 'admissionregistration.k8s.io'
const at = (resource: string, name?: string) => `/apis/${GROUP}/v1/${resource}${name === undefined ? '' : `/${name}`}`
const RBAC = 'rbac.authorization.k8s.io'
const matchConstraints = {
  resourceRules: [{ apiGroups: ['none.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }],
}
const OF_KIND: Readonly<Record<string, Json>> = {
  Validating: { validations: [{ expression: 'true' }] },
  Mutating: {
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
  },
}
const KINDS: readonly (Json | undefined)[] = [
  undefined,
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'none.example/v1', kind: 'Thing' },
]
const REFS: readonly (Json | undefined)[] = [
  undefined,
  { name: 'x', namespace: 'default', parameterNotFoundAction: 'Deny' },
  { name: 'x', parameterNotFoundAction: 'Deny' },
  { selector: { matchLabels: { a: 'b' } }, namespace: '$NS', parameterNotFoundAction: 'Allow' },
  { selector: {}, parameterNotFoundAction: 'Allow' },
]

function asked(kind: string, user: string): Step[] {
  const policies = `${kind.toLowerCase()}admissionpolicies`
  const bindings = `${kind.toLowerCase()}admissionpolicybindings`
  const as = { headers: { 'impersonate-user': `$NS-${user}`, 'impersonate-group': 'g', 'impersonate-extra-a': 'b' } }
  const policy = (name: string, paramKind: Json | undefined) =>
    of(`${GROUP}/v1`, `${kind}AdmissionPolicy`, name, {
      spec: { matchConstraints, ...OF_KIND[kind], ...(paramKind === undefined ? {} : { paramKind }) },
    })
  const binding = (policyName: string, paramRef: Json | undefined) =>
    of(`${GROUP}/v1`, `${kind}AdmissionPolicyBinding`, '$NS-b', {
      spec: {
        policyName,
        ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}),
        ...(paramRef === undefined ? {} : { paramRef }),
      },
    })
  return [
    ...KINDS.map((paramKind) => post(`${at(policies)}?dryRun=All`, policy('$NS-d', paramKind), as)),
    post(at(policies), policy('$NS-maps', KINDS[1])),
    post(at(policies), policy('$NS-none', KINDS[4])),
    post(at(policies), policy('$NS-plain', undefined)),
    { ...get(at(policies, '$NS-maps'), { unread: true }), waitMs: 300 },
    ...REFS.flatMap((paramRef) =>
      ['$NS-maps', '$NS-none', '$NS-plain', '$NS-gone'].map((name) =>
        post(`${at(bindings)}?dryRun=All`, binding(name, paramRef), as),
      ),
    ),
    patch(at(policies, '$NS-maps'), { metadata: { labels: { a: 'b' } } }, as),
    patch(`${at(policies, '$NS-maps')}?dryRun=All`, { spec: { paramKind: { kind: 'Secret' } } }, as),
    patch(`${at(policies, '$NS-maps')}?dryRun=All`, { spec: { paramKind: null } }, as),
    post(at(bindings), binding('$NS-maps', REFS[1])),
    patch(at(bindings, '$NS-b'), { metadata: { labels: { a: 'b' } } }, as),
    patch(`${at(bindings, '$NS-b')}?dryRun=All`, { spec: { paramRef: { name: 'y' } } }, as),
    patch(`${at(bindings, '$NS-b')}?dryRun=All`, { spec: { policyName: '$NS-none' } }, as),
    remove(at(bindings, '$NS-b')),
    ...['maps', 'none', 'plain'].map((name) => remove(at(policies, `$NS-${name}`))),
  ]
}

const rights = (user: string, ...rules: readonly Json[]): Step[] => [
  post(`/apis/${RBAC}/v1/clusterroles`, {
    metadata: { name: `$NS-${user}` },
    rules: [{ apiGroups: [GROUP], resources: ['*'], verbs: ['*'] }, ...rules],
  }),
  post(`/apis/${RBAC}/v1/clusterrolebindings`, {
    metadata: { name: `$NS-${user}` },
    subjects: [{ kind: 'User', name: `$NS-${user}`, apiGroup: RBAC }],
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: `$NS-${user}` },
  }),
]

export const policyRightScripts = ['Validating', 'Mutating'].map((kind) =>
  script(
    `policy rights/${kind}`,
    ...rights('bare'),
    ...rights('reader', { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }),
    ...rights('all', { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }),
    { ...get('/api/v1/namespaces/$NS', { unread: true }), waitMs: 500 },
    ...['bare', 'reader', 'all'].flatMap((user) => asked(kind, user)),
    ...['bare', 'reader', 'all'].flatMap((user) =>
      ['clusterroles', 'clusterrolebindings'].map((one) => remove(`/apis/${RBAC}/v1/${one}/$NS-${user}`)),
    ),
  ),
)
