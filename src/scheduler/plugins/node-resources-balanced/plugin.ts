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
  const shares = resources.flatMap((name) => {
    const capacity = amountOf(node.allocatable, name)
    if (capacity === 0) return []
    return [Math.min(1, (amountOf(node.requested, name) + amountOf(pod.requests, name)) / capacity)]
  })
  if (shares.length < 2) return 100
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length
  return Math.floor((1 - Math.sqrt(variance)) * 100)
}
