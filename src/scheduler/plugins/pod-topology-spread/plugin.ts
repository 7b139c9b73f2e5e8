/**
 * Spreads Pods over zones, nodes or any other topology
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).
 */

import type { PluginArgs } from '../../config/types.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, skip } from '../../framework/verdict.ts'
import type { ClusterEvent } from '../../queue/cluster-event.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { readyConstraints, type Strictness } from './constraint.ts'
import { type DefaultConstraints, defaultsOf, type OwnerListers, siblingSelector } from './defaults.ts'
import { countOther, type FilterState, filterStateOf, fitsOn } from './filter-state.ts'
import { spreadMayHelp } from './may-help.ts'
import { costOf, scoreCosts, type ScoreState, scoreStateOf, type PodConstraints } from './score-state.ts'

const filterState = cycleKey<FilterState>('PodTopologySpread/filter')
const scoreState = cycleKey<ScoreState>('PodTopologySpread/score')

const DEFAULT_ARGS: PluginArgs['PodTopologySpread'] = { defaultingType: 'System', defaultConstraints: [] }

const WAKE_ON: readonly ClusterEvent[] = [
  'AssignedPod/add',
  'AssignedPod/labels',
  'AssignedPod/delete',
  'Node/add',
  'Node/delete',
  'Node/labels',
  'Node/taints',
  'Pod/labels',
  'Pod/tolerations',
]

export function podTopologySpread(owners: OwnerListers, args = DEFAULT_ARGS): SchedulerPlugin {
  const defaults = defaultsOf(args)
  const constraintsOf = (pod: PodInfo, strictness: Strictness) => ownOrDefault(pod, strictness, defaults, owners)
  return {
    name: 'PodTopologySpread',
    wakeOn: WAKE_ON,
    mayHelp: spreadMayHelp,

    preFilter(cycle, pod, snapshot) {
      const { constraints } = constraintsOf(pod, 'DoNotSchedule')
      if (constraints.length === 0) return { verdict: skip }
      cycle.set(filterState, filterStateOf(constraints, pod, snapshot))
      return { verdict: fits }
    },
    filter: (cycle, _pod, node) => fitsOn(cycle.get(filterState)?.counted ?? [], node),
    addPod: (cycle, pod, other, node) => countOther(cycle.get(filterState), pod, other, node, 1),
    removePod: (cycle, pod, other, node) => countOther(cycle.get(filterState), pod, other, node, -1),

    preScore(cycle, pod, nodes, snapshot) {
      const own = constraintsOf(pod, 'ScheduleAnyway')
      if (own.constraints.length === 0) return skip
      cycle.set(scoreState, scoreStateOf(own, pod, nodes, snapshot))
      return fits
    },
    score(cycle, _pod, node) {
      const state = cycle.get(scoreState)
      return state === undefined ? 0 : costOf(state, node)
    },
    normalize: (cycle, _pod, scores, nodes) => scoreCosts(scores, nodes, cycle.get(scoreState)?.ignored ?? new Set()),
  }
}

/** The Pod's own constraints; where it has none, the defaults, over the Pods of its owners. */
function ownOrDefault(
  pod: PodInfo,
  strictness: Strictness,
  defaults: DefaultConstraints,
  owners: OwnerListers,
): PodConstraints {
  const own = pod.pod.spec?.topologySpreadConstraints ?? []
  if (own.length > 0) return { constraints: readyConstraints(pod, own, strictness), needsAllLabels: true }
  const needsAllLabels = !defaults.isSystem
  if (!defaults.constraints.some(({ whenUnsatisfiable }) => whenUnsatisfiable === strictness))
    return { constraints: [], needsAllLabels }
  const siblings = siblingSelector(pod.pod, owners)
  if (siblings === undefined) return { constraints: [], needsAllLabels }
  return { constraints: readyConstraints(pod, defaults.constraints, strictness, siblings), needsAllLabels }
}
