/**
 * The decisions that ReplicaSet and ReplicationController share: how many Pods to make, which to remove, what to
 * report (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works). Pure.
 */

import { isPodAvailable, isPodReady, isTerminating } from '../../../api/core/v1/pod/facts.ts'
import type { ReplicaSetCondition, ReplicaSetStatus } from '../../../api/generated/apps-v1.ts'
import { toTime } from '../../../base/clock.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorFromMap } from '../../../meta/label-selector.ts'
import { nextAvailability, type ReadPod } from '../pods.ts'
import { podsToDelete, type RankContext } from './rank.ts'

/** The most Pods made or removed in one go. */
const BURST = 500

export interface ReplicaPlan {
  readonly create: number
  readonly remove: readonly ReadPod[]
}

/** Compares the active Pods with the wished number. */
export function planReplicas(wanted: number, active: readonly ReadPod[], context: RankContext): ReplicaPlan {
  const missing = wanted - active.length
  if (missing >= 0) return { create: Math.min(missing, BURST), remove: [] }
  return { create: 0, remove: podsToDelete(active, Math.min(-missing, BURST), context) }
}

/** The status of both kinds; a ReplicationController's lacks `terminatingReplicas`. */
export type ReplicaStatus = DeepReadonly<ReplicaSetStatus>

export interface ReplicaFacts {
  readonly generation: number | undefined
  readonly wanted: number
  readonly minReadySeconds: number
  readonly templateLabels: Readonly<Record<string, string>> | undefined
  readonly previous: ReplicaStatus | undefined
  readonly pods: readonly ReadPod[]
  /** Every Pod of the owner, also those being deleted. */
  readonly owned: readonly ReadPod[]
  /** What went wrong while acting on the plan. */
  readonly failure: Error | undefined
  readonly now: number
}

/** What to report. Fields that are zero are left out, as Kubernetes leaves them. */
export function replicaStatus(facts: ReplicaFacts): ReplicaStatus {
  const { pods, minReadySeconds, now, generation } = facts
  const labels = selectorFromMap(facts.templateLabels ?? {})
  const count = (test: (pod: ReadPod) => boolean) => pods.filter(test).length
  const conditions = replicaConditions(facts)
  return {
    replicas: pods.length,
    ...whenPositive(
      'fullyLabeledReplicas',
      count((pod) => labels.matches(pod.metadata.labels)),
    ),
    ...whenPositive('readyReplicas', count(isPodReady)),
    ...whenPositive(
      'availableReplicas',
      count((pod) => isPodAvailable(pod, minReadySeconds, now)),
    ),
    terminatingReplicas: facts.owned.filter(isTerminating).length,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

const whenPositive = <Key extends string>(key: Key, count: number): { [K in Key]?: number } =>
  (count === 0 ? {} : { [key]: count }) as { [K in Key]?: number }

/** `ReplicaFailure` stands from the first failure until an attempt succeeds. */
function replicaConditions({ previous, failure, wanted, pods, now }: ReplicaFacts): readonly ReplicaSetCondition[] {
  const conditions = (previous?.conditions ?? []) as readonly ReplicaSetCondition[]
  const standing = conditions.some((condition) => condition.type === 'ReplicaFailure')
  if (failure === undefined) return conditions.filter((condition) => condition.type !== 'ReplicaFailure')
  if (standing) return conditions
  const reason = pods.length < wanted ? 'FailedCreate' : 'FailedDelete'
  const lastTransitionTime = toTime(now)
  return [
    ...conditions,
    { type: 'ReplicaFailure', status: 'True', lastTransitionTime, reason, message: failure.message },
  ]
}

/** When to look again although nothing happens: a ready Pod becomes available by mere waiting. */
export function whenAvailable(facts: ReplicaFacts): number | undefined {
  return facts.minReadySeconds === 0 ? undefined : nextAvailability(facts.pods, facts.minReadySeconds, facts.now)
}
