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

/** What somebody may do somewhere. */
export interface HeldRules {
  readonly rules: readonly Rule[]
  /** What roles that bindings name are not there, in Kubernetes's words. */
  readonly missing: readonly string[]
}

/** Tells the rules of users and roles. */
export interface RoleRules {
  heldBy(user: UserInfo, namespace: string): HeldRules
  /** The rules of the role that a binding in `namespace` names; `undefined`: there is none. */
  rulesOf(ref: RoleRef, namespace: string): readonly Rule[] | undefined
}

/** The rules that hold for one user: everywhere, and in single namespaces. */
interface Grants {
  readonly everywhere: readonly Grant[]
  readonly inNamespace: Map<string, readonly Grant[]>
  /** The roles that bindings of the user name and that are not there: what is told when nothing allows a request. */
  readonly missing: {
    readonly everywhere: readonly string[]
    readonly inNamespace: ReadonlyMap<string, readonly string[]>
  }
  /** Of those that hold everywhere, the ones that cover what was asked for before, whatever its name. */
  readonly covering: Map<string, readonly Grant[]>
}

interface Grant {
  readonly rule: Rule
  readonly reason: string
}

/** So many users' rules are kept ready. */
const MAX_USERS = 1_000
/** Of each user, for so many different requests. */
const MAX_REQUESTS = 500

/** Decides by the roles and bindings in the cluster. Rules are gathered once for each user until any of them changes. */
export class RbacAuthorizer implements Authorizer, RoleRules {
  readonly #sources: RbacSources
  readonly #users = new Map<string, Grants>()
  /** The same by who asks: most ask again as the very same. */
  #askers = new WeakMap<UserInfo, Grants>()

  constructor(sources: RbacSources) {
    this.#sources = sources
    const forget = () => {
      this.#users.clear()
      this.#askers = new WeakMap()
    }
    for (const cache of Object.values(sources) as WatchCache[]) cache.onChange(forget)
  }

  onResource(user: UserInfo, attributes: ResourceAttributes): Decision {
    if (user.groups.includes(MASTERS_GROUP)) return { isAllowed: true }
    const grants = this.#grantsOf(user)
    const { namespace } = attributes
    const decision = decide(covering(grants, attributes), grants.inNamespace.get(namespace), (rule) =>
      allowsResource(rule, attributes),
    )
    return decision.isAllowed ? decision : denied(grants, namespace)
  }

  onPath(user: UserInfo, attributes: PathAttributes): Decision {
    if (user.groups.includes(MASTERS_GROUP)) return { isAllowed: true }
    const grants = this.#grantsOf(user)
    const decision = decide(grants.everywhere, undefined, (rule) => allowsPath(rule, attributes))
    return decision.isAllowed ? decision : denied(grants, '')
  }

  /** All rules that hold for `user` in `namespace`. */
  rulesFor(user: UserInfo, namespace: string): readonly Rule[] {
    const { everywhere, inNamespace } = this.#grantsOf(user)
    return [...everywhere, ...(inNamespace.get(namespace) ?? [])].map(({ rule }) => rule)
  }

  heldBy(user: UserInfo, namespace: string): HeldRules {
    return { rules: this.rulesFor(user, namespace), missing: missingFor(this.#grantsOf(user), namespace) }
  }

  rulesOf(ref: RoleRef, namespace: string): readonly Rule[] | undefined {
    const role = this.#roleOf(ref, namespace)
    return role === undefined ? undefined : (role.rules ?? [])
  }

  #grantsOf(user: UserInfo): Grants {
    const known = this.#askers.get(user)
    if (known !== undefined) return known
    const key = JSON.stringify([user.name, user.groups])
    let grants = this.#users.get(key)
    if (grants === undefined) {
      if (this.#users.size >= MAX_USERS) this.#users.clear()
      this.#users.set(key, (grants = this.#gather(user)))
    }
    this.#askers.set(user, grants)
    return grants
  }

  #gather(user: UserInfo): Grants {
    const { clusterRoleBindings, roleBindings } = this.#sources
    const everywhere: Grant[] = []
    const missing: string[] = []
    const missingHere = new Map<string, string[]>()
    for (const { object } of clusterRoleBindings.all()) {
      const binding = object as DeepReadonly<ClusterRoleBinding>
      const subject = binding.subjects?.find((one) => isSubject(one, user, ''))
      if (subject === undefined) continue
      if (this.#roleOf(binding.roleRef, '') === undefined) missing.push(missingText(binding.roleRef))
      const { name = '' } = binding.metadata
      const reason = `RBAC: allowed by ClusterRoleBinding "${name}" of ${roleText(binding.roleRef)} to ${subjectText(subject)}`
      everywhere.push(...(this.rulesOf(binding.roleRef, '') ?? []).map((rule) => ({ rule, reason })))
    }
    const inNamespace = new Map<string, Grant[]>()
    for (const { object } of roleBindings.all()) {
      const binding = object as DeepReadonly<RoleBinding>
      const { name = '', namespace = '' } = binding.metadata
      const subject = binding.subjects?.find((one) => isSubject(one, user, namespace))
      if (subject === undefined) continue
      if (this.#roleOf(binding.roleRef, namespace) === undefined) {
        missingHere.set(namespace, [...(missingHere.get(namespace) ?? []), missingText(binding.roleRef)])
      }
      const reason = `RBAC: allowed by RoleBinding "${name}/${namespace}" of ${roleText(binding.roleRef)} to ${subjectText(subject)}`
      const grants = inNamespace.get(namespace) ?? []
      grants.push(...(this.rulesOf(binding.roleRef, namespace) ?? []).map((rule) => ({ rule, reason })))
      inNamespace.set(namespace, grants)
    }
    return { everywhere, inNamespace, missing: { everywhere: missing, inNamespace: missingHere }, covering: new Map() }
  }

  #roleOf(ref: RoleRef, namespace: string): DeepReadonly<Role | ClusterRole> | undefined {
    const { roles, clusterRoles } = this.#sources
    const stored = ref.kind === 'Role' ? roles.get(namespace, ref.name) : clusterRoles.get('', ref.name)
    return stored?.object as DeepReadonly<Role | ClusterRole> | undefined
  }
}

/** The grants that cover a request on a resource but for its name. */
function covering({ everywhere, covering }: Grants, attributes: ResourceAttributes): readonly Grant[] {
  const { verb, group, resource, subresource } = attributes
  const key = `${verb} ${group} ${resource} ${subresource}`
  let found = covering.get(key)
  if (found === undefined) {
    found = everywhere.filter(({ rule }) => coversKind(rule, attributes))
    if (covering.size >= MAX_REQUESTS) covering.clear()
    covering.set(key, found)
  }
  return found
}

/** The first grant that allows it is the reason. */
function decide(
  everywhere: readonly Grant[],
  here: readonly Grant[] | undefined,
  allows: (rule: Rule) => boolean,
): Decision {
  const isAllowing = ({ rule }: Grant) => allows(rule)
  const found = everywhere.find(isAllowing) ?? here?.find(isAllowing)
  return found === undefined ? { isAllowed: false } : { isAllowed: true, reason: found.reason }
}

/** The roles that are named and not there, each once. */
function missingFor({ missing: { everywhere, inNamespace } }: Grants, namespace: string): readonly string[] {
  return [...new Set([...everywhere, ...(inNamespace.get(namespace) ?? [])])]
}

/** Nothing allows it; a role that is missing may be why. */
function denied(grants: Grants, namespace: string): Decision {
  const all = missingFor(grants, namespace)
  if (all.length === 0) return { isAllowed: false }
  return { isAllowed: false, reason: `RBAC: ${all.length === 1 ? all[0] : `[${all.join(', ')}]`}` }
}

type RoleRef = DeepReadonly<RoleBinding>['roleRef']
const missingText = ({ kind, name }: RoleRef) =>
  `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`
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
export function allowsResource(rule: Rule, attributes: ResourceAttributes): boolean {
  const { resourceNames = [] } = rule
  return coversKind(rule, attributes) && (resourceNames.length === 0 || resourceNames.includes(attributes.name))
}

function coversKind(rule: Rule, { verb, group, resource, subresource }: ResourceAttributes): boolean {
  return (
    has(rule.verbs, verb) && has(rule.apiGroups, group) && coversResource(rule.resources ?? [], resource, subresource)
  )
}

function coversResource(resources: readonly string[], resource: string, subresource: string): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  return resources.some((one) => one === '*' || one === full || (subresource !== '' && one === `*/${subresource}`))
}

/** Whether a rule covers a request on a path. */
function allowsPath(rule: Rule, { verb, path }: PathAttributes): boolean {
  const urls = rule.nonResourceURLs ?? []
  return has(rule.verbs, verb) && urls.some((url) => url === '*' || url === path || isBelow(url, path))
}

const isBelow = (url: string, path: string) => url.endsWith('*') && path.startsWith(url.slice(0, -1))
const has = (list: readonly string[] | undefined, value: string) =>
  list !== undefined && (list.includes('*') || list.includes(value))
