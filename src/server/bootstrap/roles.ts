/** The roles and bindings that every cluster has (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings). */

import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/generated/rbac-v1.ts'
import { AUTHENTICATED_GROUP, MASTERS_GROUP, UNAUTHENTICATED_GROUP } from '../../client/user.ts'
import { controllerRules } from './controller-roles.ts'
import {
  accountSubject,
  clusterRole,
  clusterRoleBinding,
  EVENTS,
  FOLLOW,
  groupSubject,
  on,
  paths,
  READ,
  userSubject,
} from './rules.ts'
import { userRoles } from './user-roles.ts'

/** What a keeper of objects does with them that others make. */
const READ_AND_WRITE = ['get', 'list', 'patch', 'update', 'watch']
const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/']

const discovery = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
]

const rules: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [on(['*'], ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }],
  'system:discovery': [paths(...discovery)],
  'system:monitoring': [
    paths(
      '/flagz',
      '/healthz',
      '/healthz/*',
      '/livez',
      '/livez/*',
      '/metrics',
      '/metrics/slis',
      '/readyz',
      '/readyz/*',
      '/statusz',
    ),
    on([''], ['nodes/metrics'], ['get']),
  ],
  'system:basic-user': [
    on(['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    on(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
  ],
  'system:public-info-viewer': [paths(...HEALTH)],
  'system:service-account-issuer-discovery': [
    paths(
      '/.well-known/openid-configuration',
      '/.well-known/openid-configuration/',
      '/openid/v1/jwks',
      '/openid/v1/jwks/',
    ),
  ],
  'system:kube-scheduler': [
    EVENTS,
    on(['coordination.k8s.io'], ['leases'], ['create']),
    {
      ...on(['coordination.k8s.io'], ['leases'], ['get', 'list', 'update', 'watch']),
      resourceNames: ['kube-scheduler'],
    },
    on(
      ['coordination.k8s.io'],
      ['leasecandidates'],
      ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    ),
    on([''], ['nodes'], READ),
    on([''], ['pods'], ['delete', ...READ]),
    on([''], ['bindings', 'pods/binding'], ['create']),
    on([''], ['pods/status'], ['patch', 'update']),
    on([''], ['replicationcontrollers', 'services'], READ),
    on(['apps', 'extensions'], ['replicasets'], READ),
    on(['apps'], ['statefulsets'], READ),
    on(['policy'], ['poddisruptionbudgets'], READ),
    on([''], ['persistentvolumeclaims', 'persistentvolumes'], READ),
    on(['authentication.k8s.io'], ['tokenreviews'], ['create']),
    on(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
    on(['storage.k8s.io'], ['csinodes'], READ),
    on(['storage.k8s.io'], ['volumeattachments'], READ),
    on([''], ['namespaces'], READ),
    on(['storage.k8s.io'], ['csidrivers'], READ),
    on(['storage.k8s.io'], ['csistoragecapacities'], READ),
    on(['resource.k8s.io'], ['deviceclasses'], READ),
    on(['resource.k8s.io'], ['resourceclaims'], READ_AND_WRITE),
    on(['resource.k8s.io'], ['resourceclaims/status'], READ_AND_WRITE),
    on([''], ['pods/finalizers'], ['update']),
    on(['resource.k8s.io'], ['resourceslices'], READ),
    on(['resource.k8s.io'], ['resourceclaims'], ['create', 'delete']),
    on(['resource.k8s.io'], ['resourceclaims/binding'], ['patch', 'update']),
  ],
  'system:volume-scheduler': [
    on([''], ['persistentvolumes'], READ_AND_WRITE),
    on(['storage.k8s.io'], ['storageclasses'], READ),
    on([''], ['persistentvolumeclaims'], READ_AND_WRITE),
  ],
  // The program in which the controllers run: it leads, and it follows everything. Each writes under its own account.
  'system:kube-controller-manager': [
    EVENTS,
    on(['coordination.k8s.io'], ['leases'], ['create']),
    {
      ...on(['coordination.k8s.io'], ['leases'], ['get', 'update']),
      resourceNames: ['kube-controller-manager'],
    },
    on([''], ['secrets', 'serviceaccounts'], ['create']),
    on([''], ['secrets'], ['delete']),
    on([''], ['configmaps', 'namespaces', 'secrets', 'serviceaccounts'], ['get']),
    on([''], ['secrets', 'serviceaccounts'], ['update']),
    on(['authentication.k8s.io'], ['tokenreviews'], ['create']),
    on(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
    on(['*'], ['*'], ['list', 'watch']),
    on([''], ['serviceaccounts/token'], ['create']),
  ],
  'system:node-proxier': [
    on([''], ['endpoints', 'services'], FOLLOW),
    on([''], ['nodes'], READ),
    EVENTS,
    on(['networking.k8s.io'], ['servicecidrs'], FOLLOW),
    on(['discovery.k8s.io'], ['endpointslices'], FOLLOW),
  ],
  'system:kube-dns': [on([''], ['endpoints', 'services'], ['list', 'watch'])],
  'system:auth-delegator': [
    on(['authentication.k8s.io'], ['tokenreviews'], ['create']),
    on(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
  ],
  'system:kubelet-api-admin': [
    on([''], ['nodes'], READ),
    on([''], ['nodes'], ['proxy']),
    on([''], ['nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/stats'], ['*']),
    on([''], ['nodes/configz', 'nodes/healthz', 'nodes/pods'], ['*']),
  ],
}

type Holder = readonly ['Group' | 'User', string]
const holders: Readonly<Record<string, readonly Holder[]>> = {
  'cluster-admin': [['Group', MASTERS_GROUP]],
  'system:discovery': [['Group', AUTHENTICATED_GROUP]],
  'system:basic-user': [['Group', AUTHENTICATED_GROUP]],
  'system:public-info-viewer': [
    ['Group', AUTHENTICATED_GROUP],
    ['Group', UNAUTHENTICATED_GROUP],
  ],
  'system:monitoring': [['Group', 'system:monitoring']],
  'system:service-account-issuer-discovery': [['Group', 'system:serviceaccounts']],
  'system:kube-scheduler': [['User', 'system:kube-scheduler']],
  'system:volume-scheduler': [['User', 'system:kube-scheduler']],
  'system:kube-controller-manager': [['User', 'system:kube-controller-manager']],
  'system:node-proxier': [['User', 'system:kube-proxy']],
}

const signers = (verb: string, name: string): PolicyRule => ({
  ...on(['certificates.k8s.io'], ['signers'], [verb]),
  resourceNames: [`kubernetes.io/${name}`],
})
const CERTIFICATES = 'system:certificates.k8s.io:'

/** Roles that nobody has from the start: they are there to be given. */
const unheld: Readonly<Record<string, readonly PolicyRule[]>> = {
  [`${CERTIFICATES}certificatesigningrequests:nodeclient`]: [
    on(['certificates.k8s.io'], ['certificatesigningrequests/nodeclient'], ['create']),
  ],
  [`${CERTIFICATES}certificatesigningrequests:selfnodeclient`]: [
    on(['certificates.k8s.io'], ['certificatesigningrequests/selfnodeclient'], ['create']),
  ],
  [`${CERTIFICATES}kube-apiserver-client-approver`]: [signers('approve', 'kube-apiserver-client')],
  [`${CERTIFICATES}kube-apiserver-client-kubelet-approver`]: [signers('approve', 'kube-apiserver-client-kubelet')],
  [`${CERTIFICATES}kubelet-serving-approver`]: [signers('approve', 'kubelet-serving')],
  [`${CERTIFICATES}legacy-unknown-approver`]: [signers('approve', 'legacy-unknown')],
  'system:heapster': [
    on([''], ['events', 'namespaces', 'nodes', 'pods'], READ),
    on(['extensions'], ['deployments'], READ),
  ],
  'system:kube-aggregator': [on([''], ['endpoints', 'services'], READ)],
  'system:node-bootstrapper': [
    on(['certificates.k8s.io'], ['certificatesigningrequests'], ['create', 'get', 'list', 'watch']),
  ],
  'system:node-problem-detector': [on([''], ['nodes'], ['get']), on([''], ['nodes/status'], ['patch']), EVENTS],
  'system:persistent-volume-provisioner': [
    on([''], ['persistentvolumes'], ['create', 'delete', 'get', 'list', 'watch']),
    on([''], ['persistentvolumeclaims'], ['get', 'list', 'update', 'watch']),
    on(['storage.k8s.io'], ['storageclasses'], READ),
    on([''], ['events'], ['watch']),
    EVENTS,
  ],
}

/** Every role of people and programs; those of the controllers are apart. */
export function bootstrapRoles(): ClusterRole[] {
  return [...userRoles(), ...Object.entries(rules).map(([name, own]) => clusterRole(name, own))]
}

/** Who has which of them. */
export function bootstrapBindings(): ClusterRoleBinding[] {
  const subjectOf = { User: userSubject, Group: groupSubject }
  return Object.entries(holders).map(([name, subjects]) =>
    clusterRoleBinding(
      name,
      subjects.map(([kind, holder]) => subjectOf[kind](holder)),
    ),
  )
}

const CONTROLLER = 'system:controller:'

/** The role of each controller, and the roles that nobody has yet. */
export function laterRoles(): ClusterRole[] {
  const ofControllers = Object.entries(controllerRules).map(([account, own]) => clusterRole(CONTROLLER + account, own))
  return [...ofControllers, ...Object.entries(unheld).map(([name, own]) => clusterRole(name, own))]
}

/** Each controller's account with its role, and the cluster's DNS with its own. */
export function laterBindings(): ClusterRoleBinding[] {
  const ofControllers = Object.keys(controllerRules).map((account) =>
    clusterRoleBinding(CONTROLLER + account, [accountSubject(account)]),
  )
  return [...ofControllers, clusterRoleBinding('system:kube-dns', [accountSubject('kube-dns')])]
}
