/** Prefers nodes whose resources the Pod makes be used in more equal shares. */

import type { PluginArgs } from '../../config/types.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, skip } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { amountOf, isScalar } from '../../snapshot/resources.ts'

const DEFAULT_ARGS: PluginArgs['NodeResourcesBalancedAllocation'] = {
  resources: [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ],
}

/** The plugin over the resources that the arguments name. */
export function nodeResourcesBalanced(args = DEFAULT_ARGS): SchedulerPlugin {
  const resources = args.resources.map(({ name }) => name)
  return {
    name: 'NodeResourcesBalancedAllocation',
    scoresAreFinal: true,

    preScore(_cycle, pod) {
      if (resources.every((name) => amountOf(pod.requests, name) === 0)) return skip
      return fits
    },

    /** 75 where the Pod changes nothing; more where it makes the node more even, less where less. */
    score(_cycle, pod, node) {
      const asked = resources.filter((name) => !isScalar(name) || amountOf(pod.requests, name) > 0)
      const gain = balance(asked, node, pod) - balance(asked, node)
      return 50 + Math.trunc((50 + gain) / 2)
    },
  }
}

/** 100 when every resource is used in the same share, less by the standard deviation of the shares. */
function balance(resources: readonly string[], node: NodeInfo, pod?: PodInfo): number {
  let [count, sum, squares] = [0, 0, 0]
  for (const name of resources) {
    const capacity = amountOf(node.allocatable, name)
    if (capacity === 0) continue
    const used = amountOf(node.requested, name) + (pod === undefined ? 0 : amountOf(pod.requests, name))
    const share = Math.min(1, used / capacity)
    count++
    sum += share
    squares += share * share
  }
  if (count < 2) return 100
  // Rounding may take the difference of equal numbers below zero.
  const variance = Math.max(0, squares / count - (sum / count) ** 2)
  return Math.floor((1 - Math.sqrt(variance)) * 100)
}
