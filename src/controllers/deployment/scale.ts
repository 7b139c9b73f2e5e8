/**
 * Scaling without rolling: while paused, or when only `replicas` changed. In the middle of a rollout the change is
 * shared among all ReplicaSets in proportion to their sizes
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling). Pure.
 */

import { DESIRED_REPLICAS, MAX_REPLICAS, type ReadDeployment, type ReadReplicaSet, wholeNumber } from './annotations.ts'
import { activeSets, allSets, compareAge, type SetView } from './sets.ts'
import { availableOf, isRollingUpdate, maxSurge, sizeOf, totalSize, wantedReplicas } from './sizes.ts'

/** A ReplicaSet and the size it gets. */
export interface Resize {
  readonly set: ReadReplicaSet
  readonly size: number
}

/** Whether `replicas` changed since the ReplicaSets were given their sizes. */
export function isScaling(deployment: ReadDeployment, view: SetView): boolean {
  return activeSets(allSets(view)).some((set) => {
    const desired = wholeNumber(set.metadata.annotations?.[DESIRED_REPLICAS])
    return desired !== undefined && desired !== wantedReplicas(deployment)
  })
}

/** The sizes that fit the Deployment's `replicas`. Sets that keep their size are listed for their annotations. */
export function planScale(deployment: ReadDeployment, view: SetView): readonly Resize[] {
  const wanted = wantedReplicas(deployment)
  const active = activeSets(allSets(view))
  if (active.length <= 1) {
    const only = active[0] ?? view.current ?? view.old.at(-1)
    return only === undefined || sizeOf(only) === wanted ? [] : [{ set: only, size: wanted }]
  }
  if (isSaturated(deployment, view.current)) return activeSets(view.old).map((set) => ({ set, size: 0 }))
  return isRollingUpdate(deployment) ? shareOut(deployment, active) : []
}

/** Whether the set holds all Pods the Deployment wants, all of them available. */
function isSaturated(deployment: ReadDeployment, set: ReadReplicaSet | undefined): boolean {
  if (set === undefined) return false
  const wanted = wantedReplicas(deployment)
  const desired = wholeNumber(set.metadata.annotations?.[DESIRED_REPLICAS])
  return sizeOf(set) === wanted && desired === wanted && availableOf(set) === wanted
}

/** Gives each set its share of the change, the largest first; what rounding leaves goes to the largest. */
function shareOut(deployment: ReadDeployment, active: readonly ReadReplicaSet[]): readonly Resize[] {
  const wanted = wantedReplicas(deployment)
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0
  const change = allowed - totalSize(active)
  const grows = change > 0
  const bySize = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || (grows ? compareAge(b, a) : compareAge(a, b)))
  let given = 0
  const sizes = bySize.map((set) => {
    const left = change - given
    const fraction = shareOf(deployment, set)
    const share = change === 0 || sizeOf(set) === 0 ? 0 : grows ? Math.min(fraction, left) : Math.max(fraction, left)
    given += share
    return { set, size: sizeOf(set) + share }
  })
  return sizes.map(({ set, size }, index) => ({
    set,
    size: Math.max(0, index === 0 && change !== 0 ? size + change - given : size),
  }))
}

/** How much the set should change to keep its part of the whole. */
function shareOf(deployment: ReadDeployment, set: ReadReplicaSet): number {
  const wanted = wantedReplicas(deployment)
  const size = sizeOf(set)
  if (wanted === 0) return -size
  const before = wholeNumber(set.metadata.annotations?.[MAX_REPLICAS]) ?? deployment.status?.replicas ?? 0
  if (before === 0) return 0
  return Math.round((size * (wanted + maxSurge(deployment))) / before) - size
}
