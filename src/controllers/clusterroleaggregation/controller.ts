/** ClusterRoles that gather the rules of others by label (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles). */

import type { ClusterRole, PolicyRule } from '../../api/generated/rbac-v1.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CLUSTER_ROLES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { canonicalJson, sameJson } from '../kit/equal.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'

type ReadRole = DeepReadonly<ClusterRole>

/** The rules of all roles that a selector of `role` picks, by role name, each rule once. */
export function gatherRules(role: ReadRole, roles: readonly ReadRole[]): readonly DeepReadonly<PolicyRule>[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map((selector) => selectorOf(selector))
  const picked = roles
    .filter((other) => nameOf(other) !== nameOf(role))
    .filter((other) => selectors.some((selector) => selector.matches(other.metadata.labels)))
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const rules = new Map<string, DeepReadonly<PolicyRule>>()
  for (const rule of picked.flatMap((other) => other.rules ?? [])) {
    const key = canonicalJson(rule)
    if (!rules.has(key)) rules.set(key, rule)
  }
  return [...rules.values()]
}

export function clusterRoleAggregationController(deps: ControllerDeps): Controller {
  const { client } = deps
  const roles = deps.informers.of(CLUSTER_ROLES)
  const queue = createWorkQueue(deps.clock)
  /** A changed role may be gathered by any aggregated one; there are few of those. */
  const wake = () => {
    for (const role of roles.list()) if (role.aggregationRule !== undefined) queue.add(nameOf(role))
  }
  roles.on({ added: wake, updated: wake, deleted: wake })

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const role = roles.get(name)
    if (role?.aggregationRule === undefined || isDeleting(role)) return settled
    const rules = gatherRules(role, roles.list())
    if (!sameJson(rules, role.rules ?? [])) await client.update(CLUSTER_ROLES, { ...role, rules }, undefined, signal)
    return settled
  }
  return loopController({ name: 'clusterrole-aggregation', queue, reconcile, log: deps.log, waitFor: [roles] })
}
