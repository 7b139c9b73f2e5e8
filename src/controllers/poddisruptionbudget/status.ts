/** How many Pods of a budget may be disrupted (https://kubernetes.io/docs/tasks/run-application/configure-pdb/). Pure. */

import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/generated/policy-v1.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Condition } from '../../meta/types.ts'
import { scaledValue } from '../kit/int-or-percent.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'

export type ReadBudget = DeepReadonly<PodDisruptionBudget>

/** How long an eviction that was allowed may take to show as a deletion. */
const DELETION_TIMEOUT_MS = 120_000

export interface BudgetFacts {
  readonly budget: ReadBudget
  readonly pods: readonly ReadPod[]
  /** The Pods that the controllers of these Pods want; undefined when that cannot be told. */
  readonly scale: number | undefined
  readonly now: number
}

/** How many Pods there should be, and how many of them healthy; undefined when that cannot be told. */
export function expectation({ budget, pods, scale }: BudgetFacts): { expected: number; desired: number } | undefined {
  const { maxUnavailable, minAvailable } = budget.spec ?? {}
  if (maxUnavailable !== undefined) {
    if (scale === undefined) return undefined
    return { expected: scale, desired: Math.max(0, scale - scaledValue(maxUnavailable, scale, 'up')) }
  }
  if (minAvailable === undefined) return { expected: pods.length, desired: pods.length }
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable }
  if (scale === undefined) return undefined
  return { expected: scale, desired: scaledValue(minAvailable, scale, 'up') }
}

/** Evictions that were allowed and do not show yet; others are forgotten. */
export function pendingDisruptions({ budget, pods, now }: BudgetFacts): Readonly<Record<string, string>> {
  const alive = new Set(pods.filter((pod) => !isDeleting(pod)).map(nameOf))
  return Object.fromEntries(
    Object.entries(budget.status?.disruptedPods ?? {}).filter(
      ([name, time]) => alive.has(name) && (fromTime(time) ?? 0) + DELETION_TIMEOUT_MS > now,
    ),
  )
}

/** The whole status. Without an expectation nothing may be disrupted. */
export function budgetStatus(facts: BudgetFacts): DeepReadonly<PodDisruptionBudgetStatus> {
  const { budget, pods, now } = facts
  const disruptedPods = pendingDisruptions(facts)
  const healthy = pods.filter((pod) => !isDeleting(pod) && !(nameOf(pod) in disruptedPods) && isReady(pod)).length
  const known = expectation(facts)
  const { desired, expected } = known ?? { desired: budget.status?.desiredHealthy ?? 0, expected: 0 }
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired)
  const reason = known === undefined ? 'SyncFailed' : allowed > 0 ? 'SufficientPods' : 'InsufficientPods'
  const generation = budget.metadata.generation ?? 0
  return {
    observedGeneration: generation,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(budget.status?.conditions ?? [], allowed > 0, reason, generation, now),
  }
}

function withCondition(
  before: readonly DeepReadonly<Condition>[],
  isAllowed: boolean,
  reason: string,
  observedGeneration: number,
  now: number,
): readonly DeepReadonly<Condition>[] {
  const type = 'DisruptionAllowed'
  const status = isAllowed ? 'True' : 'False'
  const known = before.find((condition) => condition.type === type)
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : toTime(now)
  const changed: DeepReadonly<Condition> = { type, status, observedGeneration, lastTransitionTime, reason, message: '' }
  return [...before.filter((condition) => condition.type !== type), changed]
}
