/** What `DoNotSchedule` constraints allow, and how Pods that come and go change it. Pure. */

import { rejected, fits, type Verdict } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { countsOn, type ReadyConstraint, selfCounts, type Spread, spreadOf } from './constraint.ts'

export interface Counted {
  readonly constraint: ReadyConstraint
  readonly spread: Spread
  readonly own: 0 | 1
}

export interface FilterState {
  readonly constraints: readonly ReadyConstraint[]
  readonly counted: readonly Counted[]
  copy(): FilterState
}

const WORDS = "node(s) didn't match pod topology spread constraints"
const MISMATCH = rejected(WORDS)
const NO_LABEL = rejected(`${WORDS} (missing required label)`, { evictionMayHelp: false })
/** To `filter`, nodes without one of the labels never count. */
const STRICT = { needsAllLabels: true }

/** Counts the Pods of every topology. */
export function filterStateOf(constraints: readonly ReadyConstraint[], pod: PodInfo, snapshot: Snapshot): FilterState {
  const counted = constraints.map((constraint): Counted => {
    const spread = spreadOf(constraint, constraints, pod, snapshot, STRICT)
    return { constraint, spread, own: selfCounts(constraint, pod) ? 1 : 0 }
  })
  return makeState(constraints, counted)
}

/** Whether the Pod may go there without the spread becoming too uneven. */
export function fitsOn(counted: readonly Counted[], node: NodeInfo): Verdict {
  for (const { constraint, spread, own } of counted) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined) return NO_LABEL
    const { tally } = spread
    const fewest = tally.domainCount < constraint.minDomains ? 0 : tally.fewest()
    if (tally.of(value) + own - fewest > constraint.maxSkew) return MISMATCH
  }
  return fits
}

function makeState(constraints: readonly ReadyConstraint[], counted: readonly Counted[]): FilterState {
  const copy = () =>
    makeState(
      constraints,
      counted.map((each) => ({ ...each, spread: { ...each.spread, tally: each.spread.tally.copy() } })),
    )
  return { constraints, counted, copy }
}

/** Counts a Pod more, or less, where it counts at all. */
export function countOther(
  state: FilterState | undefined,
  pod: PodInfo,
  other: PodInfo,
  node: NodeInfo,
  amount: 1 | -1,
): void {
  const { namespace, labels, deletionTimestamp } = other.pod.metadata
  if (state === undefined || namespace !== pod.pod.metadata.namespace || deletionTimestamp !== undefined) return
  for (const { constraint, spread } of state.counted) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined || constraint.selector.isEmpty || !constraint.selector.matches(labels)) continue
    if (countsOn(constraint, state.constraints, pod, node, STRICT)) spread.tally.add(value, amount)
  }
}
