/** A scheduling cycle in which extenders have a say. Unlike the usual one it waits for them. */

import type { Log } from '../../base/log.ts'
import type { Cycle } from '../framework/cycle.ts'
import { chooseNode, type FindDeps, type FindResult, type NoNode, searchNodes } from '../framework/find-node.ts'
import { EXTENDER } from '../queue/scheduling-queue.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import { filterOutside, scoreOutside } from './consult.ts'
import type { Extender } from './extender.ts'

export interface ExtendedDeps extends FindDeps {
  /** Those that care about the Pod. */
  readonly extenders: readonly Extender[]
  readonly log: Log
}

/** Finds the node for a Pod. Throws when an extender fails that may not. */
export async function findExtended(
  cycle: Cycle,
  pod: PodInfo,
  deps: ExtendedDeps,
  signal: AbortSignal,
): Promise<FindResult> {
  const hasFilters = deps.extenders.some((extender) => extender.filter !== undefined)
  const hasScores = deps.extenders.some((extender) => extender.prioritize !== undefined)
  const search = { ...deps, wantsAll: hasFilters || hasScores }
  const first = await filtered(cycle, pod, search, signal)
  // The extenders may refuse the nominated node, which stands alone: then all others are looked at.
  const wasNominated = (pod.pod.status?.nominatedNodeName ?? '') !== ''
  const left =
    first.found || !wasNominated ? first : await filtered(cycle, pod, { ...search, skipsNominated: true }, signal)
  if (!left.found) return left
  const extra = left.feasible.length > 1 ? await scoreOutside(deps, pod, left.feasible, signal) : undefined
  return { found: true, node: chooseNode(cycle, pod, left.feasible, deps, extra) }
}

async function filtered(cycle: Cycle, pod: PodInfo, deps: ExtendedDeps, signal: AbortSignal) {
  const search = searchNodes(cycle, pod, deps)
  if (!search.found) return search
  const { nodes, rejections } = await filterOutside(deps, pod, search.feasible, signal)
  if (nodes.length > 0) return { found: true as const, feasible: nodes }
  const byNode = new Map([...search.rejections.byNode, ...rejections])
  const refusedBy = new Set([...byNode.values()].map((rejection) => rejection.plugin)).add(EXTENDER)
  const result: NoNode = {
    found: false,
    rejections: { ...search.rejections, byNode },
    refusedBy,
    nodeCount: deps.snapshot.nodes.length,
  }
  return result
}
