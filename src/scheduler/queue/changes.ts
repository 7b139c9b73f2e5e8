/** Which cluster events a change of a Node or Pod amounts to. Heartbeats amount to none. */

import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { podRequests } from '../../api/core/v1/pod/requests.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { accumulate, amountsOf } from '../snapshot/resources.ts'
import type { ClusterEvent } from './cluster-event.ts'

/** Equal as data. Objects of a shared cache are often the very same, which is seen first. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

const conditionStatuses = (node: DeepReadonly<Node>) =>
  (node.status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`).join()

/** What a node's update may have made possible. */
export function nodeEvents(node: DeepReadonly<Node>, old: DeepReadonly<Node>): ClusterEvent[] {
  const events: ClusterEvent[] = []
  if (!same(node.status?.allocatable, old.status?.allocatable)) events.push('Node/allocatable')
  if (!same(node.metadata.labels, old.metadata.labels)) events.push('Node/labels')
  const taintsChanged =
    !same(node.spec?.taints, old.spec?.taints) || node.spec?.unschedulable !== old.spec?.unschedulable
  if (taintsChanged) events.push('Node/taints')
  if (!same(node.status?.declaredFeatures, old.status?.declaredFeatures)) events.push('Node/declared-features')
  if (conditionStatuses(node) !== conditionStatuses(old)) events.push('Node/conditions')
  return events
}

/** What the update of a Pod without a node may have made possible for itself. */
export function waitingPodEvents(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): ClusterEvent[] {
  const events: ClusterEvent[] = []
  if (!same(pod.metadata.labels, old.metadata.labels)) events.push('Pod/labels')
  if (!same(pod.spec?.tolerations, old.spec?.tolerations)) events.push('Pod/tolerations')
  if (!same(pod.spec?.schedulingGates, old.spec?.schedulingGates)) events.push('Pod/scheduling-gates')
  if (asksForLess(pod, old)) events.push('Pod/scale-down')
  if (!same(pod.status?.resourceClaimStatuses, old.status?.resourceClaimStatuses)) events.push('Pod/resource-claims')
  return events
}

/** What the update of a Pod that has a node may have made possible for others. */
export function assignedPodEvents(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): ClusterEvent[] {
  const events: ClusterEvent[] = []
  if (!same(pod.metadata.labels, old.metadata.labels)) events.push('AssignedPod/labels')
  if (asksForLess(pod, old)) events.push('AssignedPod/scale-down')
  return events
}

function asksForLess(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): boolean {
  if (same(pod.spec?.containers, old.spec?.containers)) return false
  const difference = amountsOf(podRequests(old))
  accumulate(difference, amountsOf(podRequests(pod)), -1)
  const others = [...(difference.others?.values() ?? [])]
  return (
    difference.milliCPU > 0 ||
    difference.memory > 0 ||
    difference.ephemeralStorage > 0 ||
    others.some((amount) => amount > 0)
  )
}
