/** How well nodes suit `ScheduleAnyway` constraints. Pure. */

import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { hasAllLabels, type ReadyConstraint, type Spread, spreadOf } from './constraint.ts'

const HOSTNAME = 'kubernetes.io/hostname'

export interface ScoreState {
  readonly constraints: readonly ReadyConstraint[]
  readonly spreads: readonly Spread[]
  /** How much one Pod in a topology weighs: more where there are more values to spread over. */
  readonly weights: readonly number[]
  /** Nodes that lack one of the labels. */
  readonly ignored: ReadonlySet<string>
}

/** The constraints of a Pod, and whether nodes without one of their labels are left out. */
export interface PodConstraints {
  readonly constraints: readonly ReadyConstraint[]
  readonly needsAllLabels: boolean
}

/** Counts the Pods of every topology, for the nodes that fit. */
export function scoreStateOf(
  { constraints, needsAllLabels }: PodConstraints,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  snapshot: Snapshot,
): ScoreState {
  const spreads = constraints.map((constraint) => spreadOf(constraint, constraints, pod, snapshot, { needsAllLabels }))
  const left = needsAllLabels ? nodes.filter((node) => !hasAllLabels(node, constraints)) : []
  const ignored = new Set(left.map(({ name }) => name))
  const taking = left.length === 0 ? nodes : nodes.filter(({ name }) => !ignored.has(name))
  const weights = constraints.map(({ topologyKey }) =>
    Math.log((topologyKey === HOSTNAME ? taking.length : valuesOf(topologyKey, taking)) + 2),
  )
  return { constraints, spreads, weights, ignored }
}

function valuesOf(topologyKey: string, nodes: readonly NodeInfo[]): number {
  const values = new Set<string | undefined>()
  for (const node of nodes) values.add(node.labels[topologyKey])
  return values.size
}

/** The Pods in the node's topologies, weighed: the fewer the better. */
export function costOf(state: ScoreState, node: NodeInfo): number {
  if (state.ignored.has(node.name)) return 0
  let sum = 0
  state.constraints.forEach(({ topologyKey, maxSkew }, index) => {
    const value = node.labels[topologyKey]
    const spread = state.spreads[index]
    if (value === undefined || spread === undefined) return
    const count = topologyKey === HOSTNAME ? (spread.pods.perNode.get(node.name) ?? 0) : spread.tally.of(value)
    sum += count * (state.weights[index] ?? 0) + maxSkew - 1
  })
  return Math.round(sum)
}

/** Turns costs into scores, in place: fewer siblings are better; a node without one of the labels gets nothing. */
export function scoreCosts(scores: number[], nodes: readonly NodeInfo[], ignored: ReadonlySet<string>): void {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0]
  scores.forEach((score, index) => {
    if (!ignored.has(nodes[index]?.name ?? '')) [lowest, highest] = [Math.min(lowest, score), Math.max(highest, score)]
  })
  scores.forEach((score, index) => {
    if (ignored.has(nodes[index]?.name ?? '')) scores[index] = 0
    else scores[index] = highest === 0 ? 100 : Math.floor((100 * (highest + lowest - score)) / highest)
  })
}
