/** Role-based access control (https://kubernetes.io/docs/reference/access-authn-authz/rbac/). */

import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../api/generated/rbac-v1.ts'
import type { UserInfo } from '../../client/user.ts'
import { MASTERS_GROUP, serviceAccountUserName } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { Authorizer, Decision, PathAttributes, ResourceAttributes } from './authorizer.ts'

export interface RbacSources {
  readonly roles: WatchCache
  readonly roleBindings: WatchCache
  readonly clusterRoles: WatchCache
  readonly clusterRoleBindings: WatchCache
}

type Rule = DeepReadonly<PolicyRule>

/** The rules that hold for one user: everywhere, and in single namespaces. */
interface Grants {
  readonly everywhere: readonly Grant[]
  readonly inNamespace: Map<string, readonly Grant[]>
}

interface Grant {
  readonly rule: Rule
  readonly reason: string
}

/** So many users' rules are kept ready. */
const MAX_USERS = 1_000

/** Decides by the roles and bindings in the cluster. Rules are gathered once for each user until any of them changes. */
export class RbacAuthorizer implements Authorizer {
  readonly #sources: RbacSources
  readonly #users = new Map<string, Grants>()

  constructor(sources: RbacSources) {
    this.#sources = sources
    const forget = () => this.#users.clear()
    for (const cache of Object.values(sources) as WatchCache[]) cache.onChange(forget)
  }

  onResource(user: UserInfo, attributes: ResourceAttributes): Decision {
    if (user.groups.includes(MASTERS_GROUP)) return { isAllowed: true }
    return this.#decide(user, attributes.namespace, (rule) => allowsResource(rule, attributes))
  }

  onPath(user: UserInfo, attributes: PathAttributes): Decision {
    if (user.groups.includes(MASTERS_GROUP)) return { isAllowed: true }
    return this.#decide(user, '', (rule) => allowsPath(rule, attributes))
  }

  /** All rules that hold for `user` in `namespace`. */
  rulesFor(user: UserInfo, namespace: string): readonly Rule[] {
    const { everywhere, inNamespace } = this.#grantsOf(user)
    return [...everywhere, ...(inNamespace.get(namespace) ?? [])].map(({ rule }) => rule)
  }

  #decide(user: UserInfo, namespace: string, allows: (rule: Rule) => boolean): Decision {
    const { everywhere, inNamespace } = this.#grantsOf(user)
    const found =
      everywhere.find(({ rule }) => allows(rule)) ??
      (namespace === '' ? undefined : inNamespace.get(namespace)?.find(({ rule }) => allows(rule)))
    return found === undefined ? { isAllowed: false } : { isAllowed: true, reason: found.reason }
  }

  #grantsOf(user: UserInfo): Grants {
    const key = `${user.name}\n${user.groups.join('\n')}`
    const known = this.#users.get(key)
    if (known !== undefined) return known
    if (this.#users.size >= MAX_USERS) this.#users.clear()
    const grants = this.#gather(user)
    this.#users.set(key, grants)
    return grants
  }

  #gather(user: UserInfo): Grants {
    const { clusterRoleBindings, roleBindings } = this.#sources
    const everywhere: Grant[] = []
    for (const { object } of clusterRoleBindings.all()) {
      const binding = object as DeepReadonly<ClusterRoleBinding>
      const subject = binding.subjects?.find((one) => isSubject(one, user, ''))
      if (subject === undefined) continue
      const { name = '' } = binding.metadata
      const reason = `RBAC: allowed by ClusterRoleBinding "${name}" of ${roleText(binding.roleRef)} to ${subjectText(subject)}`
      everywhere.push(...this.#rulesOf(binding.roleRef, '').map((rule) => ({ rule, reason })))
    }
    const inNamespace = new Map<string, Grant[]>()
    for (const { object } of roleBindings.all()) {
      const binding = object as DeepReadonly<RoleBinding>
      const { name = '', namespace = '' } = binding.metadata
      const subject = binding.subjects?.find((one) => isSubject(one, user, namespace))
      if (subject === undefined) continue
      const reason = `RBAC: allowed by RoleBinding "${name}/${namespace}" of ${roleText(binding.roleRef)} to ${subjectText(subject)}`
      const grants = inNamespace.get(namespace) ?? []
      grants.push(...this.#rulesOf(binding.roleRef, namespace).map((rule) => ({ rule, reason })))
      inNamespace.set(namespace, grants)
    }
    return { everywhere, inNamespace }
  }

  #rulesOf(ref: DeepReadonly<RoleBinding>['roleRef'], namespace: string): readonly Rule[] {
    const { roles, clusterRoles } = this.#sources
    const stored = ref.kind === 'Role' ? roles.get(namespace, ref.name) : clusterRoles.get('', ref.name)
    const role = stored?.object as DeepReadonly<Role | ClusterRole> | undefined
    return role?.rules ?? []
  }
}

type RoleRef = DeepReadonly<RoleBinding>['roleRef']
const roleText = ({ kind, name }: RoleRef) => `${kind} "${name}"`
const subjectText = ({ kind, name, namespace }: DeepReadonly<Subject>) =>
  kind === 'ServiceAccount' ? `ServiceAccount "${name}/${namespace ?? ''}"` : `${kind} "${name}"`

function isSubject(subject: DeepReadonly<Subject>, user: UserInfo, namespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return user.name === subject.name
    case 'Group':
      return user.groups.includes(subject.name)
    case 'ServiceAccount':
      return user.name === serviceAccountUserName(subject.namespace ?? namespace, subject.name)
    default:
      return false
  }
}

/** Whether a rule covers a request on a resource. */
export function allowsResource(rule: Rule, { verb, group, resource, subresource, name }: ResourceAttributes): boolean {
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    coversResource(rule.resources ?? [], resource, subresource) &&
    ((rule.resourceNames ?? []).length === 0 || rule.resourceNames!.includes(name))
  )
}

function coversResource(resources: readonly string[], resource: string, subresource: string): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  return resources.some((one) => one === '*' || one === full || (subresource !== '' && one === `*/${subresource}`))
}

/** Whether a rule covers a request on a path. */
export function allowsPath(rule: Rule, { verb, path }: PathAttributes): boolean {
  const urls = rule.nonResourceURLs ?? []
  return has(rule.verbs, verb) && urls.some((url) => url === '*' || url === path || isBelow(url, path))
}

const isBelow = (url: string, path: string) => url.endsWith('*') && path.startsWith(url.slice(0, -1))
const has = (list: readonly string[] | undefined, value: string) =>
  list !== undefined && (list.includes('*') || list.includes(value))
