/** How many Pods a Deployment may have, and must keep, while it rolls (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment). */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { IntOrString } from '../../meta/types.ts'
import { scaledValue } from '../kit/int-or-percent.ts'
import type { ReadDeployment, ReadReplicaSet } from './annotations.ts'

export const wantedReplicas = (deployment: ReadDeployment): number => deployment.spec?.replicas ?? 1
export const sizeOf = (set: ReadReplicaSet): number => set.spec?.replicas ?? 1
export const totalSize = (sets: readonly ReadReplicaSet[]): number => sum(sets.map(sizeOf))
export const availableOf = (set: ReadReplicaSet): number => set.status?.availableReplicas ?? 0

/** The Pods of the set that will go on serving: a status that is behind the size counts Pods that are about to go. */
export const servingOf = (set: ReadReplicaSet): number => Math.min(availableOf(set), sizeOf(set))

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

export const isRollingUpdate = (deployment: ReadDeployment): boolean =>
  (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'

interface Fenceposts {
  readonly surge: number
  readonly unavailable: number
}

/** Surge rounds up, unavailability rounds down; when both come out as zero, one Pod may be missing. */
export function fenceposts(
  maxSurge: DeepReadonly<IntOrString> | undefined,
  maxUnavailable: DeepReadonly<IntOrString> | undefined,
  wanted: number,
): Fenceposts {
  const surge = scaledValue(maxSurge ?? 0, wanted, 'up')
  const unavailable = scaledValue(maxUnavailable ?? 0, wanted, 'down')
  return surge === 0 && unavailable === 0 ? { surge: 0, unavailable: 1 } : { surge, unavailable }
}

/** Pods beyond the wished number; 0 unless the strategy is RollingUpdate. */
export function maxSurge(deployment: ReadDeployment): number {
  if (!isRollingUpdate(deployment)) return 0
  const rolling = deployment.spec?.strategy?.rollingUpdate
  return fenceposts(rolling?.maxSurge, rolling?.maxUnavailable, wantedReplicas(deployment)).surge
}

/** Pods that may be missing from the wished number; 0 unless the strategy is RollingUpdate. */
export function maxUnavailable(deployment: ReadDeployment): number {
  const wanted = wantedReplicas(deployment)
  if (!isRollingUpdate(deployment) || wanted === 0) return 0
  const rolling = deployment.spec?.strategy?.rollingUpdate
  return Math.min(wanted, fenceposts(rolling?.maxSurge, rolling?.maxUnavailable, wanted).unavailable)
}

/** The size the new ReplicaSet may grow to now. */
export function newSetSize(deployment: ReadDeployment, all: readonly ReadReplicaSet[], current: number): number {
  const wanted = wantedReplicas(deployment)
  if (!isRollingUpdate(deployment)) return wanted
  const room = wanted + maxSurge(deployment) - totalSize(all)
  return room <= 0 ? current : current + Math.min(room, wanted - current)
}
