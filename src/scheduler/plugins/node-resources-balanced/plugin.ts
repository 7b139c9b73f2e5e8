/** Prefers nodes whose resources would be used in equal shares after the Pod is there. */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, skip } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { amountOf } from '../../snapshot/resources.ts'

const DEFAULT_RESOURCES = ['cpu', 'memory']

/** The plugin over these resources. */
export function nodeResourcesBalanced(resources: readonly string[] = DEFAULT_RESOURCES): SchedulerPlugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    scoresAreFinal: true,

    preScore(_cycle, pod) {
      if (resources.every((name) => amountOf(pod.requests, name) === 0)) return skip
      return fits
    },

    score: (_cycle, pod, node) => balance(resources, pod, node),
  }
}

/** 100 when every resource is used in the same share, less by the standard deviation of the shares. */
function balance(resources: readonly string[], pod: PodInfo, node: NodeInfo): number {
  let [count, sum, squares] = [0, 0, 0]
  for (const name of resources) {
    const capacity = amountOf(node.allocatable, name)
    if (capacity === 0) continue
    const share = Math.min(1, (amountOf(node.requested, name) + amountOf(pod.requests, name)) / capacity)
    count++
    sum += share
    squares += share * share
  }
  if (count < 2) return 100
  // Rounding may take the difference of equal numbers below zero.
  const variance = Math.max(0, squares / count - (sum / count) ** 2)
  return Math.floor((1 - Math.sqrt(variance)) * 100)
}
