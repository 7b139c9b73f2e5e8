/** What the four RBAC kinds share (https://kubernetes.io/docs/reference/access-authn-authz/rbac/). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { dnsSubdomain, pathName, pathSegmentName } from '../../../meta/names.ts'
import { validateLabelSelector } from '../../../meta/validate-label-selector.ts'
import { deepEqual, invalidEach, invalidValue, judgeAll, notSupported, required } from '../../../meta/validation.ts'
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../generated/rbac-v1.ts'
import type { KindMeaning } from '../../resource.ts'
import { ageColumn, createdColumn, nameColumn } from '../../columns.ts'

const RBAC_GROUP = 'rbac.authorization.k8s.io'

/** What a Role or, not namespaced, a ClusterRole means. */
export function roleMeaning<T extends Role | ClusterRole>(isNamespaced: boolean): KindMeaning<T> {
  const validate = (object: DeepReadonly<T>, root: FieldPath): FieldError[] => {
    const { rules = [], aggregationRule } = object as DeepReadonly<ClusterRole>
    return [
      ...judgeAll(rules, (rule, position) => validateRule(rule, isNamespaced, root.child('rules').index(position))),
      ...(aggregationRule === undefined ? [] : validateAggregation(aggregationRule, root.child('aggregationRule'))),
    ]
  }
  return {
    allowCreateOnUpdate: true,
    validateName: pathName,
    validate,
    validateUpdate: (object, _old, root) => validate(object, root),
    columns: [nameColumn(), createdColumn()],
  }
}

function validateAggregation(
  { clusterRoleSelectors = [] }: NonNullable<DeepReadonly<ClusterRole>['aggregationRule']>,
  path: FieldPath,
): FieldError[] {
  const here = path.child('clusterRoleSelectors')
  const words = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
  if (clusterRoleSelectors.length === 0) return [required(here, words)]
  return judgeAll(clusterRoleSelectors, (selector, at) => {
    const faults = validateLabelSelector(selector, here.index(at))
    return faults.length === 0 ? [] : [...faults, invalidValue(here.index(at), null, 'invalid label selector.')]
  })
}

/** What a RoleBinding or, not namespaced, a ClusterRoleBinding means. */
export function bindingMeaning<T extends RoleBinding | ClusterRoleBinding>(isNamespaced: boolean): KindMeaning<T> {
  const namesOf = (kind: string) => (object: DeepReadonly<T>) => subjectNames((object as Binding).subjects, kind)
  const wide = (name: string, kind: string) => ({ name, type: 'string', wide: true, cell: namesOf(kind) }) as const
  return {
    allowCreateOnUpdate: true,
    validateName: pathName,
    setDefaults: ({ roleRef, subjects }) => defaultBinding(roleRef, subjects),
    validate: (object, root) => validateBinding(object as Binding, isNamespaced, root),
    validateUpdate: (object, old, root) => [
      ...validateBinding(object as Binding, isNamespaced, root),
      ...validateRoleRefUpdate(object as Binding, old as Binding, root),
    ],
    columns: [
      nameColumn(),
      { name: 'Role', type: 'string', cell: (object) => roleText((object as Binding).roleRef) },
      ageColumn(),
      wide('Users', 'User'),
      wide('Groups', 'Group'),
      wide('ServiceAccounts', 'ServiceAccount'),
    ],
  }
}

/** Every fault of a rule. `isNamespaced`: the rule stands in a Role, where URLs make no sense. */
function validateRule(rule: DeepReadonly<PolicyRule>, isNamespaced: boolean, path: FieldPath): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], nonResourceURLs = [] } = rule
  const faults: FieldError[] = []
  if (verbs.length === 0) faults.push(required(path.child('verbs'), 'verbs must contain at least one value'))
  if (nonResourceURLs.length > 0) {
    const urls = path.child('nonResourceURLs')
    if (isNamespaced) {
      faults.push(invalidValue(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    }
    if (apiGroups.length > 0 || resources.length > 0 || (rule.resourceNames ?? []).length > 0) {
      faults.push(
        invalidValue(urls, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
      )
    }
    return faults
  }
  if (apiGroups.length === 0)
    faults.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'))
  if (resources.length === 0)
    faults.push(required(path.child('resources'), 'resource rules must supply at least one resource'))
  return faults
}

/** Group names that were left out. */
function defaultBinding(roleRef: RoleRef | undefined, subjects: readonly Subject[] | undefined): void {
  if (roleRef !== undefined) roleRef.apiGroup ||= RBAC_GROUP
  for (const subject of subjects ?? []) {
    if (subject.apiGroup === undefined || subject.apiGroup === '') {
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup = RBAC_GROUP
    }
  }
}

interface Binding {
  readonly roleRef: DeepReadonly<RoleRef>
  readonly subjects?: DeepReadonly<Subject[]>
}

/** Every fault of a binding. A ClusterRoleBinding binds ClusterRoles only, and its service accounts name their namespace. */
function validateBinding({ roleRef, subjects = [] }: Binding, isNamespaced: boolean, root: FieldPath): FieldError[] {
  const path = root.child('roleRef')
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const faults: FieldError[] = []
  if (roleRef.apiGroup !== RBAC_GROUP) faults.push(notSupported(path.child('apiGroup'), roleRef.apiGroup, [RBAC_GROUP]))
  if (!kinds.includes(roleRef.kind)) faults.push(notSupported(path.child('kind'), roleRef.kind, kinds))
  if (!roleRef.name) faults.push(required(path.child('name')))
  else faults.push(...invalidEach(path.child('name'), roleRef.name, pathSegmentName(roleRef.name)))
  const all = root.child('subjects')
  return [...faults, ...judgeAll(subjects, (subject, at) => validateSubject(subject, isNamespaced, all.index(at)))]
}

function validateSubject(
  { kind, name, namespace, apiGroup = '' }: DeepReadonly<Subject>,
  isNamespaced: boolean,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  if (!name) faults.push(required(path.child('name')))
  switch (kind) {
    case 'ServiceAccount':
      if (name) faults.push(...invalidEach(path.child('name'), name, dnsSubdomain(name)))
      if (apiGroup !== '') faults.push(notSupported(path.child('apiGroup'), apiGroup, ['']))
      if (!isNamespaced && !namespace) faults.push(required(path.child('namespace')))
      break
    case 'User':
    case 'Group':
      if (apiGroup !== RBAC_GROUP) faults.push(notSupported(path.child('apiGroup'), apiGroup, [RBAC_GROUP]))
      break
    default:
      faults.push(notSupported(path.child('kind'), kind, ['ServiceAccount', 'User', 'Group']))
  }
  return faults
}

/** What a binding binds never changes. */
function validateRoleRefUpdate(next: Binding, old: Binding, root: FieldPath): FieldError[] {
  return deepEqual(next.roleRef, old.roleRef)
    ? []
    : [invalidValue(root.child('roleRef'), next.roleRef, 'cannot change roleRef')]
}

/** `ClusterRole/view`. */
function roleText({ kind, name }: DeepReadonly<RoleRef>): string {
  return `${kind}/${name}`
}

/** Names of the subjects of one kind, service accounts with their namespaces. */
function subjectNames(subjects: DeepReadonly<Subject[]> | undefined, kind: string): string {
  return (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ')
}
