/**
 * Nobody gives away rights by roles and bindings that they do not hold, unless they are allowed just that
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping).
 */

import type { ClusterRole, PolicyRule, RoleBinding } from '../../api/generated/rbac-v1.ts'
import { MASTERS_GROUP, type UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type ApiError, badRequest, forbidden, notFound } from '../../meta/errors.ts'
import { goList, goQuote } from '../../meta/go-quote.ts'
import type { KubeObject } from '../../meta/types.ts'
import { deepEqual } from '../../meta/validation.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { HeldRules, RoleRules } from '../authz/rbac.ts'
import { missingRules, ruleLines } from '../authz/rule-coverage.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

type Rule = DeepReadonly<PolicyRule>

export interface EscalationDeps {
  readonly authorizer: Authorizer
  readonly roles: RoleRules
}

const GROUP = 'rbac.authorization.k8s.io'
const ROLES: ReadonlySet<string> = new Set(['roles', 'clusterroles'])
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings'])
const EVERYTHING: readonly Rule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
]

/** Looks at what others have made of the object: it stands last of those that change objects, and changes nothing. */
export function privilegeEscalation({ authorizer, roles }: EscalationDeps): AdmissionPlugin {
  return {
    name: 'PrivilegeEscalation',
    mutate(request) {
      const { operation, resource, subresource, user } = request
      if (resource.group !== GROUP || subresource !== '' || operation === 'DELETE' || request.object === undefined)
        return
      if (user.groups.includes(MASTERS_GROUP)) return
      if (ROLES.has(resource.resource)) judgeRole({ authorizer, roles }, request)
      if (BINDINGS.has(resource.resource)) judgeBinding({ authorizer, roles }, request)
    },
  }
}

function judgeRole({ authorizer, roles }: EscalationDeps, request: AdmissionRequest): void {
  const { resource, namespace, user, old, pathName: name = request.name } = request
  const asked = {
    verb: 'escalate',
    group: GROUP,
    version: '*',
    resource: resource.resource,
    subresource: '',
    namespace,
  }
  if (authorizer.onResource(user, { ...asked, name }).isAllowed || changesOnlyTies(request)) return
  const role = request.object as ClusterRole
  const held = roles.heldBy(user, namespace)
  demandHeld(request, held, role.rules ?? [])
  if (!gathers(role) && !gathers(old as DeepReadonly<ClusterRole> | undefined)) return
  if (missingRules(held.rules, EVERYTHING).length > 0) {
    throw refusal(request, 'must have cluster-admin privileges to use the aggregationRule')
  }
}

/** Whether a role takes the rules of others. */
const gathers = (role: DeepReadonly<ClusterRole> | undefined): boolean =>
  (role?.aggregationRule?.clusterRoleSelectors ?? []).length > 0

function judgeBinding({ authorizer, roles }: EscalationDeps, request: AdmissionRequest): void {
  const { namespace, user, resource } = request
  const { roleRef } = request.object as RoleBinding
  const { kind, name, apiGroup = '' } = roleRef
  const isKnown = kind === 'ClusterRole' || (kind === 'Role' && namespace !== '')
  // Validation has more to say of what is no role.
  if (!isKnown || changesOnlyTies(request)) return
  const bound = kind === 'Role' ? 'roles' : 'clusterroles'
  const asked = { verb: 'bind', group: apiGroup, version: '*', resource: bound, subresource: '', namespace, name }
  if (authorizer.onResource(user, asked).isAllowed) return
  if (name === '') throw badRequest('Name parameter required.')
  const rules = roles.rulesOf(roleRef, namespace)
  if (rules === undefined) throw notFound({ group: GROUP, resource: resource.resource, name })
  demandHeld(request, roles.heldBy(user, namespace), rules)
}

function demandHeld(request: AdmissionRequest, { rules, missing }: HeldRules, wanted: readonly Rule[]): void {
  const lacking = missingRules(rules, wanted)
  if (lacking.length === 0) return
  const who = `user ${goQuote(request.user.name)} (groups=${groupsText(request.user)})`
  const unresolved = missing.length === 0 ? '' : `; resolution errors: [${joined(missing)}]`
  const what = `${who} is attempting to grant RBAC permissions not currently held:\n${ruleLines(lacking)}`
  throw refusal(request, what + unresolved)
}

const groupsText = ({ groups }: UserInfo) => goList(groups)
const joined = (texts: readonly string[]) => (texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`)

function refusal({ resource: { group, resource }, object }: AdmissionRequest, why: string): ApiError {
  return forbidden({ group, resource, name: object?.metadata.name ?? '' }, why)
}

/** Whether an update is only about who owns the object and what keeps it: whoever collects garbage need not hold its rights. */
function changesOnlyTies({ object, old }: AdmissionRequest): boolean {
  if (old === undefined) return false
  return deepEqual(withoutTies(object as DeepReadonly<KubeObject>), withoutTies(old))
}

/** Fields of the metadata that give nobody a right. */
const TIES: ReadonlySet<string> = new Set(['ownerReferences', 'finalizers', 'managedFields', 'resourceVersion'])

function withoutTies(object: DeepReadonly<KubeObject>): unknown {
  const kept = Object.entries(object.metadata).filter(([field]) => !TIES.has(field))
  return { ...object, metadata: Object.fromEntries(kept) }
}
