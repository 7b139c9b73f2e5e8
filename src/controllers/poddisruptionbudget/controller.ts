/** PodDisruptionBudget: says how many Pods an eviction may take (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). */

import type { Deployment, ReplicaSet, StatefulSet } from '../../api/generated/apps-v1.ts'
import type { ReplicationController } from '../../api/generated/core-v1.ts'
import { fromTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import {
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { controllerOf, keyOf, pointsAt, uidOf } from '../kit/ownership.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'
import { writeStatus } from '../kit/write-status.ts'
import { type BudgetFacts, budgetStatus, expectation, pendingDisruptions, type ReadBudget } from './status.ts'

type Scalable = DeepReadonly<Deployment | ReplicaSet | StatefulSet | ReplicationController>

export function podDisruptionBudgetController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const budgets = deps.informers.of(POD_DISRUPTION_BUDGETS)
  const pods = deps.informers.of(PODS)
  const deployments = deps.informers.of(DEPLOYMENTS)
  const replicaSets = deps.informers.of(REPLICA_SETS)
  const statefulSets = deps.informers.of(STATEFUL_SETS)
  const replication = deps.informers.of(REPLICATION_CONTROLLERS)
  const queue = createWorkQueue(clock)
  const events = deps.events('controllermanager')
  const enqueue = (budget: ReadBudget) => queue.add(keyOf(budget))
  budgets.on({ added: enqueue, updated: enqueue })
  const wake = (...versions: readonly ReadPod[]) => {
    for (const budget of budgets.list(versions[0]?.metadata.namespace)) {
      const selector = selectorOf(budget.spec?.selector)
      if (versions.some((pod) => selector.matches(pod.metadata.labels))) enqueue(budget)
    }
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
  const wakeNamespace = (owner: Scalable) => budgets.list(owner.metadata.namespace).forEach(enqueue)
  const onResize = {
    updated(owner: Scalable, old: Scalable) {
      if (owner.spec?.replicas !== old.spec?.replicas) wakeNamespace(owner)
    },
  }
  deployments.on(onResize)
  replicaSets.on(onResize)
  statefulSets.on(onResize)
  replication.on(onResize)

  /** Who decides how many such Pods there are: a ReplicaSet's Deployment, or the owner itself. */
  const scaleOwner = (pod: ReadPod): Scalable | undefined => {
    const controller = controllerOf(pod)
    if (controller === undefined) return undefined
    const key = `${pod.metadata.namespace}/${controller.name}`
    const candidates: readonly (Scalable | undefined)[] = [
      pointsAt(controller, REPLICA_SETS) ? replicaSets.get(key) : undefined,
      pointsAt(controller, STATEFUL_SETS) ? statefulSets.get(key) : undefined,
      pointsAt(controller, REPLICATION_CONTROLLERS) ? replication.get(key) : undefined,
    ]
    const owner = candidates.find((candidate) => candidate !== undefined && uidOf(candidate) === controller.uid)
    const parent = owner === undefined ? undefined : controllerOf(owner)
    if (parent === undefined || !pointsAt(parent, DEPLOYMENTS)) return owner
    const deployment = deployments.get(`${pod.metadata.namespace}/${parent.name}`)
    return deployment !== undefined && uidOf(deployment) === parent.uid ? deployment : owner
  }

  /** Undefined when a Pod belongs to something whose size nobody knows. */
  const scaleOf = (covered: readonly ReadPod[]): number | undefined => {
    const sizes = new Map<string, number>()
    for (const pod of covered) {
      if (controllerOf(pod) === undefined) continue
      const owner = scaleOwner(pod)
      if (owner === undefined) return undefined
      sizes.set(uidOf(owner), owner.spec?.replicas ?? 1)
    }
    return [...sizes.values()].reduce((total, size) => total + size, 0)
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const budget = budgets.get(key)
    if (budget === undefined) return settled
    const selector = selectorOf(budget.spec?.selector)
    const covered = pods.list(budget.metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels))
    if (covered.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    const facts: BudgetFacts = { budget, pods: covered, scale: scaleOf(covered), now: clock.now() }
    if (expectation(facts) === undefined) {
      const message = 'Failed to calculate the number of expected pods: found no controllers for a pod'
      events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message)
    }
    const status = budgetStatus(facts)
    const object: ReadBudget = budget
    // The eviction handler writes here too: what it wrote must not be lost.
    await writeStatus<object>({ client, ref: POD_DISRUPTION_BUDGETS, object, status, onConflict: 'throw' }, signal)
    const times = Object.values(pendingDisruptions(facts)).map((time) => fromTime(time) ?? 0)
    return times.length === 0 ? settled : again(Math.max(0, Math.min(...times) + 120_000 - clock.now()))
  }
  const waitFor = [budgets, pods, deployments, replicaSets, statefulSets, replication]
  return loopController({ name: 'disruption', queue, reconcile, log: deps.log, waitFor })
}
