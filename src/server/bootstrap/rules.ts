/** The words in which the roles of a new cluster are written down (https://kubernetes.io/docs/reference/access-authn-authz/rbac/). */

import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from '../../api/generated/rbac-v1.ts'

export const RBAC = 'rbac.authorization.k8s.io'
export const READ = ['get', 'list', 'watch']
export const FOLLOW = ['list', 'watch']
export const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update']
/** Everything that can be done with objects. */
export const EVERYTHING = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Leave to do `verbs` with `resources`, or with those of these names only. */
export function on(apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule {
  return { apiGroups, resources, verbs, ...(resourceNames === undefined ? {} : { resourceNames }) }
}

/** Leave to read paths that are no resources. */
export const paths = (...nonResourceURLs: string[]): PolicyRule => ({ nonResourceURLs, verbs: ['get'] })

/** Leave to tell events. */
export const EVENTS = on(['', 'events.k8s.io'], ['events'], ['create', 'patch', 'update'])

/** Marks what every cluster has, and gives it back at each start what it lacks. */
export const bootstrapMetadata = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { [AUTO_UPDATE]: 'true' },
})
/** An owner who sets it to `false` keeps what was changed. */
export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

export const clusterRole = (name: string, rules: readonly PolicyRule[]): ClusterRole => ({
  metadata: bootstrapMetadata(name),
  rules: structuredClone(rules) as PolicyRule[],
})

/** Gives the ClusterRole of that name to `subjects`. */
export const clusterRoleBinding = (name: string, subjects?: Subject[]): ClusterRoleBinding => ({
  metadata: bootstrapMetadata(name),
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
  ...(subjects === undefined ? {} : { subjects }),
})

export const userSubject = (name: string): Subject => ({ apiGroup: RBAC, kind: 'User', name })
export const groupSubject = (name: string): Subject => ({ apiGroup: RBAC, kind: 'Group', name })
/** A service account of `kube-system`. */
export const accountSubject = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })
