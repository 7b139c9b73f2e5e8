/**
 * Spreads Pods over zones, nodes or any other topology
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).
 */

import { cycleKey } from '../../framework/cycle.ts'
import { TopologyCounts } from '../../framework/pod-terms.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { counts, countsOn, type ReadyConstraint, readyConstraints, selfCounts } from './constraint.ts'

interface FilterState {
  readonly constraints: readonly ReadyConstraint[]
  readonly matching: TopologyCounts
  /** For each constraint, every topology value among the nodes that count. */
  readonly domains: readonly ReadonlySet<string>[]
  copy(): FilterState
}

interface ScoreState {
  readonly constraints: readonly ReadyConstraint[]
  readonly matching: TopologyCounts
  /** How much one Pod in a topology weighs: more where there are more values to spread over. */
  readonly weights: readonly number[]
}

const filterState = cycleKey<FilterState>('PodTopologySpread/filter')
const scoreState = cycleKey<ScoreState>('PodTopologySpread/score')

const MISMATCH = "node(s) didn't match pod topology spread constraints"

/** The constraints a Pod without any gets, over the Pods that `ownSelector` finds to be its siblings. */
const SYSTEM_DEFAULTS = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
] as const

export const podTopologySpread: SchedulerPlugin = {
  name: 'PodTopologySpread',
  wakeOn: [
    'AssignedPod/add',
    'AssignedPod/labels',
    'AssignedPod/delete',
    'Node/add',
    'Node/labels',
    'Node/taints',
    'Pod/labels',
  ],

  preFilter(cycle, pod, snapshot) {
    const constraints = readyConstraints(pod, 'DoNotSchedule')
    if (constraints.length === 0) return { verdict: skip }
    const domains = constraints.map((constraint) => {
      const nodes = snapshot.nodes.filter((node) => countsOn(constraint, constraints, pod, node))
      return new Set(nodes.map((node) => node.labels[constraint.topologyKey] ?? ''))
    })
    cycle.set(filterState, makeState(constraints, countMatching(constraints, pod, snapshot), domains))
    return { verdict: fits }
  },

  filter(cycle, pod, node) {
    const { constraints, matching, domains } = cycle.get(filterState) ?? NO_CONSTRAINTS
    for (const [index, constraint] of constraints.entries()) {
      const value = node.labels[constraint.topologyKey]
      if (value === undefined) return rejected(`${MISMATCH} (missing required label)`, { evictionMayHelp: false })
      const own = selfCounts(constraint, pod) ? 1 : 0
      const skew = matching.of(constraint.id, value) + own - fewest(constraint, matching, domains[index])
      if (skew > constraint.maxSkew) return rejected(MISMATCH)
    }
    return fits
  },

  addPod: (cycle, pod, other, node) => change(cycle.get(filterState), pod, other, node, 1),
  removePod: (cycle, pod, other, node) => change(cycle.get(filterState), pod, other, node, -1),

  preScore(cycle, pod, nodes, snapshot) {
    const own = readyConstraints(pod, 'ScheduleAnyway')
    const constraints = own.length > 0 ? own : defaultConstraints(pod)
    if (constraints.length === 0) return skip
    const matching = countMatching(constraints, pod, snapshot)
    const weights = constraints.map(({ topologyKey }) =>
      Math.log(new Set(nodes.map((node) => node.labels[topologyKey])).size + 2),
    )
    cycle.set(scoreState, { constraints, matching, weights })
    return fits
  },

  score(cycle, _pod, node) {
    const { constraints, matching, weights } = cycle.get(scoreState) ?? NO_SCORES
    const sum = constraints.reduce((total, constraint, index) => {
      const value = node.labels[constraint.topologyKey]
      return value === undefined
        ? total
        : total + matching.of(constraint.id, value) * (weights[index] ?? 0) + constraint.maxSkew - 1
    }, 0)
    return Math.round(sum)
  },

  /** Fewer siblings are better; a node without one of the labels gets nothing. */
  normalize(cycle, _pod, scores, nodes) {
    const { constraints } = cycle.get(scoreState) ?? NO_SCORES
    const isOut = (node: NodeInfo | undefined) =>
      constraints.some(({ topologyKey }) => node?.labels[topologyKey] === undefined)
    const outside = nodes.map((node) => constraints.length > 0 && constraints.every((c) => !c.isDefault) && isOut(node))
    const inside = scores.filter((_, index) => outside[index] !== true)
    const highest = Math.max(0, ...inside)
    const lowest = Math.min(...inside)
    scores.forEach((score, index) => {
      if (outside[index] === true) scores[index] = 0
      else scores[index] = highest === 0 ? 100 : Math.floor((100 * (highest + lowest - score)) / highest)
    })
  },
}

function makeState(
  constraints: readonly ReadyConstraint[],
  matching: TopologyCounts,
  domains: readonly ReadonlySet<string>[],
): FilterState {
  return { constraints, matching, domains, copy: () => makeState(constraints, matching.copy(), domains) }
}

const NO_CONSTRAINTS: FilterState = makeState([], new TopologyCounts(), [])
const NO_SCORES: ScoreState = { constraints: [], matching: new TopologyCounts(), weights: [] }

/** Pods that count, by constraint and topology value. */
function countMatching(constraints: readonly ReadyConstraint[], pod: PodInfo, snapshot: Snapshot): TopologyCounts {
  const matching = new TopologyCounts()
  for (const constraint of constraints) {
    for (const { node } of counts(constraint, pod, snapshot)) {
      const value = node.labels[constraint.topologyKey]
      if (value !== undefined && countsOn(constraint, constraints, pod, node)) matching.add(constraint.id, value, 1)
    }
  }
  return matching
}

function fewest(
  constraint: ReadyConstraint,
  matching: TopologyCounts,
  domains: ReadonlySet<string> | undefined,
): number {
  if (domains === undefined || domains.size === 0 || domains.size < constraint.minDomains) return 0
  let least = Number.POSITIVE_INFINITY
  for (const value of domains) least = Math.min(least, matching.of(constraint.id, value))
  return least
}

function change(state: FilterState | undefined, pod: PodInfo, other: PodInfo, node: NodeInfo, amount: 1 | -1): void {
  if (state === undefined || other.pod.metadata.namespace !== pod.pod.metadata.namespace) return
  for (const constraint of state.constraints) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined || !constraint.selector.matches(other.pod.metadata.labels)) continue
    if (countsOn(constraint, state.constraints, pod, node)) state.matching.add(constraint.id, value, amount)
  }
}

/** Siblings are the Pods of the same controller, told by the labels its template gave them. */
function defaultConstraints(pod: PodInfo): readonly ReadyConstraint[] {
  const isControlled = (pod.pod.metadata.ownerReferences ?? []).some((owner) => owner.controller === true)
  const labels = pod.pod.metadata.labels ?? {}
  if (!isControlled || Object.keys(labels).length === 0) return []
  const constraints = SYSTEM_DEFAULTS.map((constraint) => ({ ...constraint, labelSelector: { matchLabels: labels } }))
  return readyConstraints(pod, 'ScheduleAnyway', constraints)
}
