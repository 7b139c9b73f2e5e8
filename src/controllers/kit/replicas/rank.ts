/**
 * Which Pods go first when there are too many
 * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset): those whose loss
 * costs least.
 */

import { isPodReady, podCondition } from '../../../api/core/v1/pod/facts.ts'
import { fromTime } from '../../../base/clock.ts'
import type { ReadPod } from '../pods.ts'

export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/** What ranking needs to know beyond the Pods. */
export interface RankContext {
  readonly now: number
  /** How many related Pods stand on the Pod's node: of two, the more crowded one goes first. */
  readonly crowd: (pod: ReadPod) => number
}

/** The `count` Pods to delete, the cheapest loss first. */
export function podsToDelete(pods: readonly ReadPod[], count: number, context: RankContext): readonly ReadPod[] {
  if (count >= pods.length) return pods
  return pods.toSorted((a, b) => compareLoss(a, b, context)).slice(0, count)
}

/** Counts the related active Pods per node. */
export function crowdOf(related: readonly ReadPod[]): (pod: ReadPod) => number {
  const perNode = new Map<string, number>()
  for (const pod of related) {
    const node = pod.spec?.nodeName
    if (node !== undefined) perNode.set(node, (perNode.get(node) ?? 0) + 1)
  }
  return (pod) => perNode.get(pod.spec?.nodeName ?? '') ?? 0
}

/** Negative when `a` should go before `b`. */
export function compareLoss(a: ReadPod, b: ReadPod, { now, crowd }: RankContext): number {
  const ready = Number(isPodReady(a)) - Number(isPodReady(b))
  const steps: readonly (() => number)[] = [
    () => Number(isAssigned(a)) - Number(isAssigned(b)),
    () => phaseRank(a) - phaseRank(b),
    () => ready,
    () => deletionCost(a) - deletionCost(b),
    () => crowd(b) - crowd(a),
    () => (isPodReady(a) && isPodReady(b) ? compareAge(readySince(a), readySince(b), [a, b], now) : 0),
    () => restarts(b) - restarts(a),
    () => compareAge(fromTime(a.metadata.creationTimestamp), fromTime(b.metadata.creationTimestamp), [a, b], now),
  ]
  for (const step of steps) {
    const order = step()
    if (order !== 0) return order
  }
  return 0
}

const isAssigned = (pod: ReadPod) => (pod.spec?.nodeName ?? '') !== ''
const phaseRank = (pod: ReadPod) => PHASE_RANK[pod.status?.phase ?? 'Pending'] ?? 0
const readySince = (pod: ReadPod) => fromTime(podCondition(pod, 'Ready')?.lastTransitionTime)

/** What the annotation says; 0 when absent or not a whole 32-bit number. */
function deletionCost(pod: ReadPod): number {
  const text = pod.metadata.annotations?.[POD_DELETION_COST]
  if (text === undefined || !/^(0|-?[1-9][0-9]*)$/.test(text)) return 0
  const cost = Number(text)
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0
}

const restarts = (pod: ReadPod) =>
  Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount))

/**
 * The younger first. Ages are compared by their order of magnitude, and within one by uid, so that a scale-down
 * spreads over failure domains that were filled one after the other.
 */
function compareAge(a: number | undefined, b: number | undefined, pair: [ReadPod, ReadPod], now: number): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const byMagnitude = magnitude(now - a) - magnitude(now - b)
  if (byMagnitude !== 0) return byMagnitude
  return (pair[0].metadata.uid ?? '') < (pair[1].metadata.uid ?? '') ? -1 : 1
}

const magnitude = (ageMs: number) => (ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6)))
