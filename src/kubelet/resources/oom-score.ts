/**
 * How eagerly the kernel kills a container when memory runs out
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior). Pure.
 */

import { aggregateContainerRequests } from '../../api/core/v1/pod/facts.ts'
import type { PodCgroup } from '../host/host.ts'
import { type ContainerView, initContainersOf, type PodView, specOf } from '../pods/pod-view.ts'
import { amountOf } from './amounts.ts'

const GUARANTEED = -997
const BEST_EFFORT = 1000
/** Pods of this priority and above hold the node together. */
const NODE_CRITICAL_PRIORITY = 2_000_001_000

const asked = (container: ContainerView) => amountOf('memory', container.resources?.requests?.['memory'])

/** The less a container uses of what it asked for, the later. */
export function oomScoreAdj(
  qos: PodCgroup['qosClass'],
  pod: PodView,
  container: ContainerView,
  memoryCapacity: number,
): number {
  if ((specOf(pod).priority ?? 0) >= NODE_CRITICAL_PRIORITY || qos === 'Guaranteed') return GUARANTEED
  if (qos === 'BestEffort') return BEST_EFFORT
  const shared = sharedPart(pod)
  const scoreOf = (bytes: number) =>
    1000 - (memoryCapacity === 0 ? 0 : Math.trunc((1000 * (bytes + shared)) / memoryCapacity))
  // A sidecar does not go before those that it serves.
  const isSidecar = initContainersOf(pod).some(({ kind, spec }) => kind === 'sidecar' && spec.name === container.name)
  const least = Math.min(...specOf(pod).containers.map(asked))
  const score = isSidecar ? Math.min(scoreOf(asked(container)), scoreOf(least)) : scoreOf(asked(container))
  return Math.min(BEST_EFFORT - 1, Math.max(1000 + GUARANTEED, score))
}

/** What the Pod asks for as a whole beyond its containers, for each of them alike. */
function sharedPart(pod: PodView): number {
  const spec = specOf(pod)
  const whole = amountOf('memory', spec.resources?.requests?.['memory'])
  if (whole === 0) return 0
  const rest = whole - amountOf('memory', aggregateContainerRequests(spec)['memory'])
  return Math.trunc(rest / (spec.containers.length + (spec.initContainers?.length ?? 0)))
}
