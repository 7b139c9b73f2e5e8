/**
 * Spreads Pods over zones, nodes or any other topology
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).
 */

import type { PluginArgs } from '../../config/types.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import {
  countsOn,
  hasAllLabels,
  type ReadyConstraint,
  readyConstraints,
  selfCounts,
  type Spread,
  spreadOf,
  type Strictness,
} from './constraint.ts'
import { type DefaultConstraints, defaultsOf, type OwnerListers, siblingSelector } from './defaults.ts'
import { spreadMayHelp } from './may-help.ts'

interface Counted {
  readonly constraint: ReadyConstraint
  readonly spread: Spread
  readonly own: 0 | 1
}

interface FilterState {
  readonly constraints: readonly ReadyConstraint[]
  readonly counted: readonly Counted[]
  copy(): FilterState
}

interface ScoreState {
  readonly constraints: readonly ReadyConstraint[]
  readonly spreads: readonly Spread[]
  /** How much one Pod in a topology weighs: more where there are more values to spread over. */
  readonly weights: readonly number[]
  /** Nodes that lack one of the labels. */
  readonly ignored: ReadonlySet<string>
}

const filterState = cycleKey<FilterState>('PodTopologySpread/filter')
const scoreState = cycleKey<ScoreState>('PodTopologySpread/score')

const WORDS = "node(s) didn't match pod topology spread constraints"
const MISMATCH = rejected(WORDS)
const NO_LABEL = rejected(`${WORDS} (missing required label)`, { evictionMayHelp: false })
const HOSTNAME = 'kubernetes.io/hostname'
const DEFAULT_ARGS: PluginArgs['PodTopologySpread'] = { defaultingType: 'System', defaultConstraints: [] }
/** To `filter`, nodes without one of the labels never count. */
const STRICT = { needsAllLabels: true }

export function podTopologySpread(owners: OwnerListers, args = DEFAULT_ARGS): SchedulerPlugin {
  const defaults = defaultsOf(args)
  const constraintsOf = (pod: PodInfo, strictness: Strictness) => ownOrDefault(pod, strictness, defaults, owners)
  return {
    name: 'PodTopologySpread',
    wakeOn: [
      'AssignedPod/add',
      'AssignedPod/labels',
      'AssignedPod/delete',
      'Node/add',
      'Node/delete',
      'Node/labels',
      'Node/taints',
      'Pod/labels',
      'Pod/tolerations',
    ],
    mayHelp: spreadMayHelp,

    preFilter(cycle, pod, snapshot) {
      const { constraints } = constraintsOf(pod, 'DoNotSchedule')
      if (constraints.length === 0) return { verdict: skip }
      const counted = constraints.map((constraint): Counted => {
        const spread = spreadOf(constraint, constraints, pod, snapshot, STRICT)
        return { constraint, spread, own: selfCounts(constraint, pod) ? 1 : 0 }
      })
      cycle.set(filterState, makeState(constraints, counted))
      return { verdict: fits }
    },

    filter(cycle, _pod, node) {
      for (const { constraint, spread, own } of cycle.get(filterState)?.counted ?? []) {
        const value = node.labels[constraint.topologyKey]
        if (value === undefined) return NO_LABEL
        const { tally } = spread
        const fewest = tally.domainCount < constraint.minDomains ? 0 : tally.fewest()
        if (tally.of(value) + own - fewest > constraint.maxSkew) return MISMATCH
      }
      return fits
    },

    addPod: (cycle, pod, other, node) => change(cycle.get(filterState), pod, other, node, 1),
    removePod: (cycle, pod, other, node) => change(cycle.get(filterState), pod, other, node, -1),

    preScore(cycle, pod, nodes, snapshot) {
      const { constraints, needsAllLabels } = constraintsOf(pod, 'ScheduleAnyway')
      if (constraints.length === 0) return skip
      const spreads = constraints.map((constraint) =>
        spreadOf(constraint, constraints, pod, snapshot, { needsAllLabels }),
      )
      const left = needsAllLabels ? nodes.filter((node) => !hasAllLabels(node, constraints)) : []
      const ignored = new Set(left.map(({ name }) => name))
      const taking = left.length === 0 ? nodes : nodes.filter(({ name }) => !ignored.has(name))
      const weights = constraints.map(({ topologyKey }) =>
        Math.log((topologyKey === HOSTNAME ? taking.length : valuesOf(topologyKey, taking)) + 2),
      )
      cycle.set(scoreState, { constraints, spreads, weights, ignored })
      return fits
    },

    score(cycle, _pod, node) {
      const state = cycle.get(scoreState)
      if (state === undefined || state.ignored.has(node.name)) return 0
      let sum = 0
      state.constraints.forEach(({ topologyKey, maxSkew }, index) => {
        const value = node.labels[topologyKey]
        const spread = state.spreads[index]
        if (value === undefined || spread === undefined) return
        const count = topologyKey === HOSTNAME ? (spread.pods.perNode.get(node.name) ?? 0) : spread.tally.of(value)
        sum += count * (state.weights[index] ?? 0) + maxSkew - 1
      })
      return Math.round(sum)
    },

    /** Fewer siblings are better; a node without one of the labels gets nothing. */
    normalize(cycle, _pod, scores, nodes) {
      const ignored = cycle.get(scoreState)?.ignored ?? new Set()
      let [lowest, highest] = [Number.POSITIVE_INFINITY, 0]
      scores.forEach((score, index) => {
        if (!ignored.has(nodes[index]?.name ?? ''))
          [lowest, highest] = [Math.min(lowest, score), Math.max(highest, score)]
      })
      scores.forEach((score, index) => {
        if (ignored.has(nodes[index]?.name ?? '')) scores[index] = 0
        else scores[index] = highest === 0 ? 100 : Math.floor((100 * (highest + lowest - score)) / highest)
      })
    },
  }
}

function valuesOf(topologyKey: string, nodes: readonly NodeInfo[]): number {
  const values = new Set<string | undefined>()
  for (const node of nodes) values.add(node.labels[topologyKey])
  return values.size
}

function ownOrDefault(pod: PodInfo, strictness: Strictness, defaults: DefaultConstraints, owners: OwnerListers) {
  const own = pod.pod.spec?.topologySpreadConstraints ?? []
  if (own.length > 0) return { constraints: readyConstraints(pod, own, strictness), needsAllLabels: true }
  const needsAllLabels = !defaults.isSystem
  if (!defaults.constraints.some(({ whenUnsatisfiable }) => whenUnsatisfiable === strictness))
    return { constraints: [], needsAllLabels }
  const siblings = siblingSelector(pod.pod, owners)
  if (siblings === undefined) return { constraints: [], needsAllLabels }
  return { constraints: readyConstraints(pod, defaults.constraints, strictness, siblings), needsAllLabels }
}

function makeState(constraints: readonly ReadyConstraint[], counted: readonly Counted[]): FilterState {
  const copy = () =>
    makeState(
      constraints,
      counted.map((each) => ({ ...each, spread: { ...each.spread, tally: each.spread.tally.copy() } })),
    )
  return { constraints, counted, copy }
}

function change(state: FilterState | undefined, pod: PodInfo, other: PodInfo, node: NodeInfo, amount: 1 | -1): void {
  const { namespace, labels, deletionTimestamp } = other.pod.metadata
  if (state === undefined || namespace !== pod.pod.metadata.namespace || deletionTimestamp !== undefined) return
  for (const { constraint, spread } of state.counted) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined || constraint.selector.isEmpty || !constraint.selector.matches(labels)) continue
    if (countsOn(constraint, state.constraints, pod, node, STRICT)) spread.tally.add(value, amount)
  }
}
