/** Which budgets are looked at again when a Pod or its owner changes. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import type { WorkQueue } from '../../base/work-queue.ts'
import type { Informer } from '../../client/informer.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { sameJson } from '../kit/equal.ts'
import type { Events } from '../kit/events.ts'
import { keyOf, nameOf } from '../kit/ownership.ts'
import type { PacedQueue } from '../kit/pace.ts'
import type { ReadPod } from '../kit/pods.ts'
import { remembered } from '../kit/remembered.ts'
import { indexBySelector, selecting } from '../kit/selected.ts'
import type { OwnerCaches, Scalable } from './expected.ts'
import type { ReadBudget } from './status.ts'

export interface WakeDeps {
  readonly budgets: Informer<PodDisruptionBudget>
  readonly pods: Informer<Pod>
  readonly owners: OwnerCaches
  readonly queue: WorkQueue
  readonly paced: PacedQueue
  readonly events: Events
}

/** Which Pods the budget is about. */
export const selectorIn = remembered((budget: ReadBudget) => selectorOf(budget.spec?.selector))

/** From now on every change adds the budgets it concerns to the queue. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { budgets, pods, queue, paced } = deps
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
  pods.on({
    added: (pod) => wakeByPod(deps, pod),
    updated(pod, old) {
      if (isNews(pod, old)) wakeByPod(deps, pod, old)
    },
    deleted: (pod) => wakeByPod(deps, pod),
  })
  wakeOnResize(deps)
}

const isNews = (pod: ReadPod, old: ReadPod): boolean =>
  isPodReady(pod) !== isPodReady(old) ||
  pod.metadata.labels !== old.metadata.labels ||
  pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp

/** Wakes the budgets of the Pod as it is, and as it was. */
function wakeByPod({ budgets, paced, events }: WakeDeps, pod: ReadPod, ...older: readonly ReadPod[]): void {
  const versions = [pod, ...older]
  const labels = versions.map(({ metadata }) => metadata.labels)
  const woken = selecting(budgets, pod.metadata.namespace, ...labels).filter((budget) => {
    const selector = selectorIn(budget)
    return versions.some((version) => selector.matches(version.metadata.labels))
  })
  for (const budget of woken) paced.add(keyOf(budget))
  warnOfSeveral(events, pod, woken)
}

/** Of a Pod in several budgets none can be evicted: somebody should be told. */
function warnOfSeveral(events: Events, pod: ReadPod, woken: readonly ReadBudget[]): void {
  const [first, ...others] = woken.filter((budget) => selectorIn(budget).matches(pod.metadata.labels))
  if (first === undefined || others.length === 0) return
  const which = `"${pod.metadata.namespace}"/"${nameOf(pod)}"`
  const message = `Pod ${which} matches multiple PodDisruptionBudgets.  Chose "${nameOf(first)}" arbitrarily.`
  events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message)
}

/** The wished number may change before any Pod does. */
function wakeOnResize({ budgets, owners, queue }: WakeDeps): void {
  const onResize = {
    updated(owner: Scalable, old: Scalable) {
      const { metadata, spec } = owner
      if (spec?.replicas === old.spec?.replicas) return
      for (const budget of selecting(budgets, metadata.namespace, spec?.template?.metadata?.labels)) {
        queue.add(keyOf(budget))
      }
    },
  }
  owners.deployments.on(onResize)
  owners.replicaSets.on(onResize)
  owners.statefulSets.on(onResize)
  owners.replicationControllers.on(onResize)
}
