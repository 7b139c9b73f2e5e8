/** One look at one budget: counts its Pods, and says how many may be evicted. */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { type Clock, fromTime } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import { POD_DISRUPTION_BUDGETS } from '../../client/resources.ts'
import type { Events } from '../kit/events.ts'
import type { PacedQueue } from '../kit/pace.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { selectedBy } from '../kit/selected.ts'
import { writeStatus } from '../kit/write-status.ts'
import { expectedPods, type ScaleSources } from './expected.ts'
import {
  type BudgetFacts,
  type BudgetScale,
  budgetStatus,
  needsScale,
  pendingDisruptions,
  type ReadBudget,
  unmanaged,
} from './status.ts'
import { selectorIn } from './wake.ts'

/** An owner whose size nobody can tell is asked for again after so long. */
const LOOK_AGAIN_MS = 60_000
/** An eviction that was granted and did not come about is given up after so long. */
const GIVEN_UP_AFTER_MS = 120_000

export interface BudgetDeps {
  readonly client: Client
  readonly clock: Clock
  readonly events: Events
  readonly budgets: Lister<PodDisruptionBudget>
  readonly pods: Informer<Pod>
  readonly paced: PacedQueue
  readonly sources: ScaleSources
}

export async function reconcileBudget(deps: BudgetDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client, clock, pods } = deps
  const budget = deps.budgets.get(key)
  if (budget === undefined) return settled
  const covered = selectedBy(pods, budget.metadata.namespace ?? '', selectorIn(budget))
  deps.paced.begin(key, covered.length)
  if (covered.length === 0) deps.events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
  const scale = await scaleOf(deps, budget, covered, signal)
  const facts: BudgetFacts = { budget, pods: covered, scale, now: clock.now() }
  const status = budgetStatus(facts)
  const object: ReadBudget = budget
  // The eviction handler writes here too: what it wrote must not be lost.
  await writeStatus<object>({ client, ref: POD_DISRUPTION_BUDGETS, object, status, onConflict: 'throw' }, signal)
  if ('failure' in scale) return again(LOOK_AGAIN_MS) // the owner may be known later
  const times = Object.values(pendingDisruptions(facts)).map((time) => fromTime(time) ?? 0)
  return times.length === 0 ? settled : again(Math.max(0, Math.min(...times) + GIVEN_UP_AFTER_MS - clock.now()))
}

/** How many Pods there shall be, as far as the budget needs to know; and told, when that cannot be said. */
async function scaleOf(
  { events, sources }: BudgetDeps,
  budget: ReadBudget,
  covered: readonly ReadPod[],
  signal: AbortSignal,
): Promise<BudgetScale> {
  if (!needsScale(budget)) return { scale: covered.length }
  try {
    const { scale, hasUnmanaged } = await expectedPods(sources, covered, signal)
    if (hasUnmanaged) events.event(budget, 'Warning', 'UnmanagedPods', unmanaged(budget))
    return { scale }
  } catch (error) {
    signal.throwIfAborted()
    const failure = messageOf(error)
    const message = `Failed to calculate the number of expected pods: ${failure}`
    events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message)
    return { failure }
  }
}
