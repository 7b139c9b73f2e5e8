/** The sentence a person reads in `kubectl describe pod` when a Pod fits nowhere. Tools match on it. */

import type { FindResult } from './find-node.ts'

type NotFound = Extract<FindResult, { found: false }>

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: …`. Reasons are
 * counted over the nodes and sorted as text.
 */
export function failureText(result: NotFound, preemption: string): string {
  if (result.nodeCount === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const { reasons } of result.rejections.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const reasons =
    result.everywhere !== undefined
      ? result.everywhere.reasons.join(', ')
      : [...counts]
          .map(([reason, count]) => `${count} ${reason}`)
          .sort()
          .join(', ')
  const end = preemption === '' ? '' : ` ${preemption}`
  return `0/${result.nodeCount} nodes are available: ${reasons}.${end}`
}
