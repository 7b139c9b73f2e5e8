/** How many Pods of a budget may be disrupted (https://kubernetes.io/docs/tasks/run-application/configure-pdb/). Pure. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/generated/policy-v1.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Condition } from '../../meta/types.ts'
import { scaledValue } from '../kit/int-or-percent.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { selectorText } from '../../meta/selector-text.ts'

export type ReadBudget = DeepReadonly<PodDisruptionBudget>

/** How long an eviction that was allowed may take to show as a deletion. */
const DELETION_TIMEOUT_MS = 120_000

/** The Pods that the owners of these Pods want, or why that cannot be told. */
export type BudgetScale = { readonly scale: number } | { readonly failure: string }

export interface BudgetFacts {
  readonly budget: ReadBudget
  readonly pods: readonly ReadPod[]
  readonly scale: BudgetScale
  readonly now: number
}

/** Whether the budget is a share of what the owners want, not a plain number. */
export const needsScale = ({ spec }: ReadBudget): boolean =>
  spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string'

/** How many Pods there should be, and how many of them healthy. */
function expectation(budget: ReadBudget, pods: readonly ReadPod[], scale: number) {
  const { maxUnavailable, minAvailable } = budget.spec ?? {}
  if (maxUnavailable !== undefined) {
    return { expected: scale, desired: Math.max(0, scale - scaledValue(maxUnavailable, scale, 'up')) }
  }
  if (typeof minAvailable === 'string') return { expected: scale, desired: scaledValue(minAvailable, scale, 'up') }
  return { expected: pods.length, desired: minAvailable ?? pods.length }
}

/** What the event says when Pods of a share belong to nobody. */
export const unmanaged = ({ spec }: ReadBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec?.selector)}) were found to be ` +
  'unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined ' +
  'behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'

/** Evictions that were allowed and do not show yet; others are forgotten. */
export function pendingDisruptions({ budget, pods, now }: BudgetFacts): Readonly<Record<string, string>> {
  const told = budget.status?.disruptedPods ?? {}
  if (Object.keys(told).length === 0) return {}
  const alive = new Set(pods.filter((pod) => !isDeleting(pod)).map(nameOf))
  return Object.fromEntries(
    Object.entries(told).filter(([name, time]) => alive.has(name) && (fromTime(time) ?? 0) + DELETION_TIMEOUT_MS > now),
  )
}

/** The whole status. While it cannot be told, nothing may be disrupted and the rest stays as it was. */
export function budgetStatus(facts: BudgetFacts): DeepReadonly<PodDisruptionBudgetStatus> {
  const { budget, pods, scale, now } = facts
  const generation = budget.metadata.generation ?? 0
  const before = budget.status?.conditions ?? []
  if ('failure' in scale) {
    const observed = budget.status?.observedGeneration ?? 0
    const news = { status: 'False', reason: 'SyncFailed', message: scale.failure } as const
    const conditions = withCondition(before, news, observed, now)
    const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = budget.status ?? {}
    return { ...budget.status, currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed: 0, conditions }
  }
  const disruptedPods = pendingDisruptions(facts)
  const healthy = pods.filter((pod) => !isDeleting(pod) && !(nameOf(pod) in disruptedPods) && isPodReady(pod)).length
  const { expected, desired } = expectation(budget, pods, scale.scale)
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired)
  const news =
    allowed > 0
      ? ({ status: 'True', reason: 'SufficientPods', message: '' } as const)
      : ({ status: 'False', reason: 'InsufficientPods', message: '' } as const)
  return {
    observedGeneration: generation,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(before, news, generation, now),
  }
}

function withCondition(
  before: readonly DeepReadonly<Condition>[],
  news: Pick<Condition, 'status' | 'reason' | 'message'>,
  observedGeneration: number,
  now: number,
): readonly DeepReadonly<Condition>[] {
  const type = 'DisruptionAllowed'
  const known = before.find((condition) => condition.type === type)
  const lastTransitionTime = known?.status === news.status ? known.lastTransitionTime : toTime(now)
  const changed: DeepReadonly<Condition> = { type, observedGeneration, lastTransitionTime, ...news }
  return [...before.filter((condition) => condition.type !== type), changed]
}
