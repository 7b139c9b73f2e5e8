/**
 * One step of a rollout: which ReplicaSets grow or shrink now
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy). Pure.
 */

import type { ReadPod } from '../kit/pods.ts'
import type { ReadDeployment, ReadReplicaSet } from './annotations.ts'
import { revisionOf } from './annotations.ts'
import type { Resize } from './scale.ts'
import { activeSets, allSets, type SetView } from './sets.ts'
import { maxUnavailable, newSetSize, servingOf, sizeOf, sum, totalSize, wantedReplicas } from './sizes.ts'

/** RollingUpdate: first the new set grows into the room there is; when it cannot, old sets shrink. */
export function planRollingStep(deployment: ReadDeployment, view: SetView): readonly Resize[] {
  const grow = planNewSet(deployment, view)
  return grow.length > 0 ? grow : planOldSets(deployment, view)
}

function planNewSet(deployment: ReadDeployment, view: SetView): readonly Resize[] {
  const { current } = view
  if (current === undefined) return []
  const wanted = wantedReplicas(deployment)
  const size = sizeOf(current) > wanted ? wanted : newSetSize(deployment, allSets(view), sizeOf(current))
  return size === sizeOf(current) ? [] : [{ set: current, size }]
}

/** Old Pods that do not serve go first; those that do go as far as enough others are available. */
function planOldSets(deployment: ReadDeployment, view: SetView): readonly Resize[] {
  if (totalSize(view.old) === 0) return []
  const minAvailable = wantedReplicas(deployment) - maxUnavailable(deployment)
  const newUnavailable = view.current === undefined ? 0 : sizeOf(view.current) - servingOf(view.current)
  const removable = totalSize(allSets(view)) - minAvailable - newUnavailable
  if (removable <= 0) return []

  const sizes = new Map(view.old.map((set) => [set, sizeOf(set)]))
  takeFrom(sizes, removable, (set, size) => size - servingOf(set))
  const spare = sum(allSets(view).map(servingOf)) - minAvailable
  if (spare > 0) takeFrom(sizes, spare, (_set, size) => size)
  return [...sizes].filter(([set, size]) => size !== sizeOf(set)).map(([set, size]) => ({ set, size }))
}

/** Takes up to `count` replicas from the sets, the oldest first, from each at most what `limit` says. */
function takeFrom(
  sizes: Map<ReadReplicaSet, number>,
  count: number,
  limit: (set: ReadReplicaSet, size: number) => number,
): void {
  let left = count
  for (const [set, size] of sizes) {
    const taken = Math.max(0, Math.min(left, size, limit(set, size)))
    sizes.set(set, size - taken)
    left -= taken
  }
}

/** Recreate: old sets go to zero, and the new one starts when none of their Pods is left. */
export function planRecreateStep(
  deployment: ReadDeployment,
  view: SetView,
  podsOf: (set: ReadReplicaSet) => readonly ReadPod[],
): { readonly resize: readonly Resize[]; readonly mayStart: boolean } {
  const shrink = activeSets(view.old).map((set) => ({ set, size: 0 }))
  if (shrink.length > 0) return { resize: shrink, mayStart: false }
  if (view.old.some((set) => (set.status?.replicas ?? 0) > 0 || podsOf(set).some(mayStillRun))) {
    return { resize: [], mayStart: false }
  }
  const { current } = view
  const wanted = wantedReplicas(deployment)
  const resize = current === undefined || sizeOf(current) === wanted ? [] : [{ set: current, size: wanted }]
  return { resize, mayStart: true }
}

/** Anything but a Pod that has finished may still have a process. */
const mayStillRun = (pod: ReadPod) => pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'

/** The old ReplicaSets beyond `revisionHistoryLimit` that have no Pods, the oldest revisions first. */
export function planCleanup(deployment: ReadDeployment, view: SetView): readonly ReadReplicaSet[] {
  const limit = deployment.spec?.revisionHistoryLimit
  if (limit === undefined) return []
  const alive = view.old.filter((set) => set.metadata.deletionTimestamp === undefined)
  const surplus = alive.length - limit
  if (surplus <= 0) return []
  return alive
    .toSorted((a, b) => Number(revisionOf(a) - revisionOf(b)))
    .slice(0, surplus)
    .filter(
      (set) =>
        sizeOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    )
}
