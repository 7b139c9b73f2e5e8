/** PodDisruptionBudget: says how many Pods an eviction may take (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). */

import { fromTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { sameJson } from '../kit/equal.ts'
import { remembered } from '../kit/remembered.ts'
import { PacedQueue } from '../kit/pace.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf, nameOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'
import { indexBySelector, selectedBy, selecting } from '../kit/selected.ts'
import { writeStatus } from '../kit/write-status.ts'
import { expectedPods, type Scalable } from './expected.ts'
import {
  type BudgetFacts,
  type BudgetScale,
  budgetStatus,
  needsScale,
  pendingDisruptions,
  type ReadBudget,
  unmanaged,
} from './status.ts'

/** An owner whose size nobody can tell is asked for again after so long. */
const LOOK_AGAIN_MS = 60_000

const selectorIn = remembered((budget: ReadBudget) => selectorOf(budget.spec?.selector))

export function podDisruptionBudgetController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const budgets = deps.informers.of(POD_DISRUPTION_BUDGETS)
  const pods = deps.informers.of(PODS)
  const deployments = deps.informers.of(DEPLOYMENTS)
  const replicaSets = deps.informers.of(REPLICA_SETS)
  const statefulSets = deps.informers.of(STATEFUL_SETS)
  const replicationControllers = deps.informers.of(REPLICATION_CONTROLLERS)
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const queue = createWorkQueue(clock)
  const events = deps.events('controllermanager')
  const paced = new PacedQueue(queue, clock)
  const enqueue = (budget: ReadBudget) => queue.add(keyOf(budget))
  budgets.on({
    added: enqueue,
    updated(budget, old) {
      // A status that changed is mostly our own.
      if (sameJson(budget.spec, old.spec)) paced.add(keyOf(budget))
      else enqueue(budget)
    },
  })
  indexBySelector(budgets, selectorIn)
  const wake = (...versions: readonly ReadPod[]) => {
    const [pod] = versions
    const labels = versions.map(({ metadata }) => metadata.labels)
    const woken = selecting(budgets, pod?.metadata.namespace, ...labels).filter((budget) => {
      const selector = selectorIn(budget)
      return versions.some((version) => selector.matches(version.metadata.labels))
    })
    for (const budget of woken) paced.add(keyOf(budget))
    if (pod !== undefined) warnOfSeveral(pod, woken)
  }
  /** Of a Pod in several budgets none can be evicted: somebody should be told. */
  const warnOfSeveral = (pod: ReadPod, woken: readonly ReadBudget[]) => {
    const [first, ...others] = woken.filter((budget) => selectorIn(budget).matches(pod.metadata.labels))
    if (first === undefined || others.length === 0) return
    const which = `"${pod.metadata.namespace}"/"${nameOf(pod)}"`
    const message = `Pod ${which} matches multiple PodDisruptionBudgets.  Chose "${nameOf(first)}" arbitrarily.`
    events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message)
  }
  pods.on({
    added: (pod) => wake(pod),
    updated(pod, old) {
      const isNews =
        isReady(pod) !== isReady(old) ||
        pod.metadata.labels !== old.metadata.labels ||
        pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp
      if (isNews) wake(pod, old)
    },
    deleted: (pod) => wake(pod),
  })
  /** The wished number may change before any Pod does. */
  const wakeFor = ({ metadata, spec }: Scalable) => {
    selecting(budgets, metadata.namespace, spec?.template?.metadata?.labels).forEach(enqueue)
  }
  const onResize = {
    updated(owner: Scalable, old: Scalable) {
      if (owner.spec?.replicas !== old.spec?.replicas) wakeFor(owner)
    },
  }
  deployments.on(onResize)
  replicaSets.on(onResize)
  statefulSets.on(onResize)
  replicationControllers.on(onResize)

  const sources = {
    client,
    deployments,
    replicaSets,
    statefulSets,
    replicationControllers,
    definitions: () => definitions.list(),
  }

  const expected = async (
    budget: ReadBudget,
    covered: readonly ReadPod[],
    signal: AbortSignal,
  ): Promise<BudgetScale> => {
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

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const budget = budgets.get(key)
    if (budget === undefined) return settled
    const covered = selectedBy(pods, budget.metadata.namespace ?? '', selectorIn(budget))
    paced.begin(key, covered.length)
    if (covered.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    const scale = await expected(budget, covered, signal)
    const facts: BudgetFacts = { budget, pods: covered, scale, now: clock.now() }
    const status = budgetStatus(facts)
    const object: ReadBudget = budget
    // The eviction handler writes here too: what it wrote must not be lost.
    await writeStatus<object>({ client, ref: POD_DISRUPTION_BUDGETS, object, status, onConflict: 'throw' }, signal)
    if ('failure' in scale) return again(LOOK_AGAIN_MS) // the owner may be known later
    const times = Object.values(pendingDisruptions(facts)).map((time) => fromTime(time) ?? 0)
    return times.length === 0 ? settled : again(Math.max(0, Math.min(...times) + 120_000 - clock.now()))
  }
  const waitFor = [budgets, pods, deployments, replicaSets, statefulSets, replicationControllers, definitions]
  return loopController({ name: 'disruption', queue, reconcile, log: deps.log, waitFor })
}
