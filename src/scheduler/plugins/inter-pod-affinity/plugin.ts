/**
 * Pods near to or away from other Pods
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity).
 */

import { cycleKey } from '../../framework/cycle.ts'
import { talliesOfAll, tallyOf, termPicks } from '../../framework/pod-terms.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { PluginArgs } from '../../config/types.ts'
import { groupKey, type ReadyTerm, readyTerm, termsOf } from '../../snapshot/affinity-index.ts'
import { Tally } from '../../snapshot/domain-counts.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { AffinityTerm, Snapshot } from '../../snapshot/snapshot.ts'
import { affinityMayHelp } from './may-help.ts'

/** A term, and how many Pods of the kind it is about stand in each value of its topology. */
interface Counted {
  readonly term: ReadyTerm
  readonly tally: Tally
}

interface FilterState {
  readonly snapshot: Snapshot
  /** The Pod's required terms, with the placed Pods that meet all of them. */
  readonly friends: readonly Counted[]
  /** The Pod's required anti-affinity terms, with the placed Pods that meet each. */
  readonly foes: readonly Counted[]
  /** Terms of placed Pods that are against this Pod, with the Pods that have them. */
  readonly objectors: ReadonlyMap<string, Counted>
  copy(): FilterState
}

interface Wish {
  readonly topologyKey: string
  readonly weight: number
  readonly tally: Tally
}

const filterState = cycleKey<FilterState>('InterPodAffinity/filter')
const scoreState = cycleKey<readonly Wish[]>('InterPodAffinity/score')

const NO_FRIENDS = rejected("node(s) didn't match pod affinity rules", { evictionMayHelp: false })
const FOES = rejected("node(s) didn't match pod anti-affinity rules")
const OBJECTORS = rejected("node(s) didn't satisfy existing pods anti-affinity rules")
const DEFAULT_ARGS: PluginArgs['InterPodAffinity'] = {
  hardPodAffinityWeight: 1,
  ignorePreferredTermsOfExistingPods: false,
}

export function interPodAffinity(args = DEFAULT_ARGS): SchedulerPlugin {
  return {
    name: 'InterPodAffinity',
    wakeOn: [
      'AssignedPod/add',
      'AssignedPod/labels',
      'AssignedPod/delete',
      'Node/add',
      'Node/delete',
      'Node/labels',
      'Namespace/labels',
      'Pod/labels',
    ],
    mayHelp: affinityMayHelp,

    preFilter(cycle, pod, snapshot) {
      const state = filterStateOf(pod, snapshot)
      if (state.friends.length + state.foes.length + state.objectors.size === 0) return { verdict: skip }
      cycle.set(filterState, state)
      return { verdict: fits }
    },

    filter(cycle, pod, node) {
      const state = cycle.get(filterState)
      if (state === undefined) return fits
      if (!hasFriends(state, pod, node)) return NO_FRIENDS
      if (state.foes.some((foe) => isAt(foe, node))) return FOES
      for (const objector of state.objectors.values()) if (isAt(objector, node)) return OBJECTORS
      return fits
    },

    addPod: (cycle, pod, other, node) => change(cycle, pod, { other, node, amount: 1 }),
    removePod: (cycle, pod, other, node) => change(cycle, pod, { other, node, amount: -1 }),

    preScore(cycle, pod, _nodes, snapshot) {
      const wishes = [...wishesFor(pod, snapshot, args)]
      if (wishes.length === 0) return skip
      cycle.set(scoreState, wishes)
      return fits
    },

    score(cycle, _pod, node) {
      let sum = 0
      for (const { topologyKey, weight, tally } of cycle.get(scoreState) ?? [])
        sum += weight * tally.of(node.labels[topologyKey])
      return sum
    },

    normalize(_cycle, _pod, scores) {
      let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
      for (const score of scores) [lowest, highest] = [Math.min(lowest, score), Math.max(highest, score)]
      const range = highest - lowest
      scores.forEach((score, index) => (scores[index] = range === 0 ? 0 : Math.floor(100 * ((score - lowest) / range))))
    },
  }
}

const isAt = ({ term, tally }: Counted, node: NodeInfo): boolean => tally.of(node.labels[term.topologyKey]) > 0

function filterStateOf(pod: PodInfo, snapshot: Snapshot): FilterState {
  const ready = (terms: readonly AffinityTerm[]) => terms.map((term) => readyTerm(term, pod))
  const affinity = ready(pod.requiredAffinity)
  const tallies = talliesOfAll(affinity, snapshot)
  const friends = affinity.map((term, index) => ({ term, tally: tallies[index] ?? new Tally([]) }))
  const foes = ready(pod.requiredAntiAffinity).map((term) => ({ term, tally: tallyOf(term, snapshot) }))
  const objectors = new Map<string, Counted>()
  const { namespace = '', labels } = pod.pod.metadata
  for (const { key, term, counts } of snapshot.forbidding(namespace, labels))
    if (termPicks(term, pod, snapshot)) objectors.set(key, { term, tally: new Tally([counts]) })
  return makeState({ snapshot, friends, foes, objectors })
}

const copied = ({ term, tally }: Counted): Counted => ({ term, tally: tally.copy() })

function makeState(parts: Omit<FilterState, 'copy'>): FilterState {
  const copy = () =>
    makeState({
      snapshot: parts.snapshot,
      friends: parts.friends.map(copied),
      foes: parts.foes.map(copied),
      objectors: new Map([...parts.objectors].map(([key, counted]) => [key, copied(counted)])),
    })
  return { ...parts, copy }
}

interface Trial {
  readonly other: PodInfo
  readonly node: NodeInfo
  readonly amount: 1 | -1
}

function change(
  cycle: Parameters<NonNullable<SchedulerPlugin['addPod']>>[0],
  pod: PodInfo,
  { other, node, amount }: Trial,
): void {
  const state = cycle.get(filterState)
  if (state === undefined) return
  const { snapshot, friends, foes } = state
  const count = ({ term, tally }: Counted) => {
    const value = node.labels[term.topologyKey]
    if (value !== undefined) tally.add(value, amount)
  }
  if (friends.length > 0 && friends.every(({ term }) => termPicks(term, other, snapshot))) friends.forEach(count)
  for (const foe of foes) if (termPicks(foe.term, other, snapshot)) count(foe)
  const objectors = new Map(state.objectors)
  for (const own of termsOf(other)) {
    if (own.kind !== 'forbids') continue
    const key = groupKey(own, other)
    const known = objectors.get(key) ?? { term: readyTerm(own.term, other), tally: new Tally([]) }
    if (!termPicks(known.term, pod, snapshot)) continue
    objectors.set(key, known)
    count(known)
  }
  cycle.set(filterState, makeState({ snapshot, friends, foes, objectors }))
}

/** The first Pod of a group that wants to be together may go anywhere that has the labels. */
function hasFriends({ friends, snapshot }: FilterState, pod: PodInfo, node: NodeInfo): boolean {
  if (friends.length === 0) return true
  if (friends.some(({ term }) => node.labels[term.topologyKey] === undefined)) return false
  if (friends.every((friend) => isAt(friend, node))) return true
  return friends.every(({ tally }) => tally.total === 0) && friends.every(({ term }) => termPicks(term, pod, snapshot))
}

/** What the Pod would like, and what placed Pods would like of it. */
function* wishesFor(pod: PodInfo, snapshot: Snapshot, args: PluginArgs['InterPodAffinity']): Iterable<Wish> {
  const own = [
    ...pod.preferredAffinity.map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight })),
    ...pod.preferredAntiAffinity.map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight: -weight })),
  ]
  if (own.length === 0 && args.ignorePreferredTermsOfExistingPods) return
  for (const { term, weight } of own) {
    const tally = tallyOf(readyTerm(term, pod), snapshot)
    if (tally.total > 0) yield { topologyKey: term.topologyKey, weight, tally }
  }
  const { namespace = '', labels } = pod.pod.metadata
  for (const group of snapshot.wishing(namespace, labels)) {
    const weight = group.kind === 'needs' ? args.hardPodAffinityWeight : group.weight
    if (weight === 0 || !termPicks(group.term, pod, snapshot)) continue
    yield { topologyKey: group.term.topologyKey, weight, tally: new Tally([group.counts]) }
  }
}
