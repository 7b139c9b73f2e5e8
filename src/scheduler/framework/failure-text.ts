/** The sentence a person reads in `kubectl describe pod` when a Pod fits nowhere. Tools match on it. */

import type { NoNode } from './find-node.ts'
import type { Rejections } from './plugin.ts'

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: …`. Reasons are
 * counted over the nodes and sorted as text.
 */
export function failureText(result: NoNode, preemption: string): string {
  if (result.nodeCount === 0) return 'no nodes available to schedule pods'
  const sentence =
    result.everywhere === undefined
      ? nodesSentence(result.rejections, result.nodeCount)
      : `0/${result.nodeCount} nodes are available: ${result.everywhere.reasons.join(', ')}.`
  return preemption === '' ? sentence : `${sentence} ${preemption}`
}

/** How many of the nodes were refused for which reason. */
export function nodesSentence({ byNode, others }: Rejections, nodeCount: number): string {
  const counts = new Map<string, number>()
  const count = (reasons: readonly string[], times: number) => {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + times)
  }
  for (const { reasons } of byNode.values()) count(reasons, 1)
  if (others !== undefined && byNode.size < nodeCount) count(others.reasons, nodeCount - byNode.size)
  const reasons = [...counts].map(([reason, times]) => `${times} ${reason}`).sort()
  return `0/${nodeCount} nodes are available:${reasons.length === 0 ? '' : ` ${reasons.join(', ')}.`}`
}
