/** The roles that hold in one of the system's namespaces only, and who has them. */

import type { PolicyRule, Role, RoleBinding, Subject } from '../../api/generated/rbac-v1.ts'
import { accountSubject, bootstrapMetadata, EVENTS, on, RBAC, READ, userSubject } from './rules.ts'

interface Grant {
  readonly namespace: string
  readonly name: string
  readonly rules: readonly PolicyRule[]
  /** The binding's name, where it is another. */
  readonly binding?: string
  readonly subjects: readonly Subject[]
}

const LOCK = ['create', 'get', 'list', 'update', 'watch']
const locking = ['leases', 'leasecandidates'].map((resource) => on(['coordination.k8s.io'], [resource], LOCK))

const grants: readonly Grant[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [on([''], ['configmaps'], READ), on([''], ['configmaps'], ['update'], ['cluster-info']), EVENTS],
    subjects: [accountSubject('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [on([''], ['secrets'], READ)],
    subjects: [accountSubject('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [on([''], ['configmaps'], READ, ['extension-apiserver-authentication'])],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [userSubject('system:kube-controller-manager'), userSubject('system:kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    rules: locking,
    subjects: [
      userSubject('system:kube-controller-manager'),
      accountSubject('kube-controller-manager'),
      accountSubject('leader-election-controller'),
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    rules: locking,
    subjects: [userSubject('system:kube-scheduler'), accountSubject('kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [on([''], ['configmaps'], ['create', ...READ])],
    subjects: [accountSubject('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [on([''], ['secrets'], ['delete', ...READ]), EVENTS],
    subjects: [accountSubject('token-cleaner')],
  },
]

export function namespacedRoles(): Role[] {
  return grants.map(({ namespace, name, rules }) => ({
    metadata: { ...bootstrapMetadata(name), namespace },
    rules: structuredClone(rules) as PolicyRule[],
  }))
}

export function namespacedBindings(): RoleBinding[] {
  return grants.map(({ namespace, name, binding = name, subjects }) => ({
    metadata: { ...bootstrapMetadata(binding), namespace },
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [...subjects],
  }))
}
