/**
 * Pods near to or away from other Pods
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity).
 */

import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import { pickedByTerm, type ReadyTerm, readyTerm, termPicks, TopologyCounts } from '../../framework/pod-terms.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { AffinityTerm, Snapshot } from '../../snapshot/snapshot.ts'

/** What a required affinity of a Pod that is already there counts for when others are scored. */
const HARD_AFFINITY_WEIGHT = 1

interface FilterState {
  readonly snapshot: Snapshot
  readonly affinity: readonly ReadyTerm[]
  readonly antiAffinity: readonly ReadyTerm[]
  /** Placed Pods that meet all affinity terms, by topology. */
  readonly friends: TopologyCounts
  /** Placed Pods that meet an anti-affinity term. */
  readonly foes: TopologyCounts
  /** Placed Pods whose own anti-affinity is against this Pod. */
  readonly objectors: TopologyCounts
  copy(): FilterState
}

const filterState = cycleKey<FilterState>('InterPodAffinity/filter')
const scoreState = cycleKey<TopologyScores>('InterPodAffinity/score')

export const interPodAffinity: SchedulerPlugin = {
  name: 'InterPodAffinity',
  wakeOn: [
    'AssignedPod/add',
    'AssignedPod/labels',
    'AssignedPod/delete',
    'Node/add',
    'Node/labels',
    'Namespace/labels',
    'Pod/labels',
  ],

  preFilter(cycle, pod, snapshot) {
    const state = filterStateOf(pod, snapshot)
    if (state.affinity.length === 0 && state.antiAffinity.length === 0 && state.objectors.isEmpty)
      return { verdict: skip }
    cycle.set(filterState, state)
    return { verdict: fits }
  },

  filter(cycle, pod, node) {
    const state = cycle.get(filterState)
    if (state === undefined) return fits
    if (!hasFriends(state, pod, node))
      return rejected("node(s) didn't match pod affinity rules", { evictionMayHelp: false })
    if (hasFoes(state, node)) return rejected("node(s) didn't match pod anti-affinity rules")
    if (hasObjectors(state, node)) return rejected("node(s) didn't satisfy existing pods anti-affinity rules")
    return fits
  },

  addPod: (cycle, pod, other, node) => change(cycle.get(filterState), pod, other, node, 1),
  removePod: (cycle, pod, other, node) => change(cycle.get(filterState), pod, other, node, -1),

  preScore(cycle, pod, _nodes, snapshot) {
    const scores = topologyScores(pod, snapshot)
    if (scores.size === 0) return skip
    cycle.set(scoreState, scores)
    return fits
  },

  score(cycle, _pod, node) {
    let sum = 0
    for (const [key, values] of cycle.get(scoreState) ?? []) sum += values.get(node.labels[key] ?? '') ?? 0
    return sum
  },

  normalize(_cycle, _pod, scores) {
    const lowest = Math.min(...scores)
    const range = Math.max(...scores) - lowest
    scores.forEach((score, index) => (scores[index] = range === 0 ? 0 : Math.floor((100 * (score - lowest)) / range)))
  },
}

function filterStateOf(pod: PodInfo, snapshot: Snapshot): FilterState {
  const ready = (terms: readonly AffinityTerm[]) => terms.map((term) => readyTerm(term, pod))
  const affinity = ready(pod.requiredAffinity)
  const antiAffinity = ready(pod.requiredAntiAffinity)
  const friends = new TopologyCounts()
  const foes = new TopologyCounts()
  const objectors = new TopologyCounts()
  const [first] = affinity
  for (const other of first === undefined ? [] : pickedByTerm(first, snapshot)) {
    if (affinity.every((term) => termPicks(term, other.pod, snapshot))) count(friends, affinity, other.node, 1)
  }
  for (const term of antiAffinity) for (const other of pickedByTerm(term, snapshot)) count(foes, [term], other.node, 1)
  for (const other of snapshot.podsWithRequiredAntiAffinity) {
    count(objectors, termsAgainst(other.pod, pod, snapshot), other.node, 1)
  }
  return makeState({ snapshot, affinity, antiAffinity, friends, foes, objectors })
}

function makeState(parts: Omit<FilterState, 'copy'>): FilterState {
  const copy = () =>
    makeState({ ...parts, friends: parts.friends.copy(), foes: parts.foes.copy(), objectors: parts.objectors.copy() })
  return { ...parts, copy }
}

/** The anti-affinity terms of `other` that are against `pod`. */
function termsAgainst(other: PodInfo, pod: PodInfo, snapshot: Snapshot): ReadyTerm[] {
  return other.requiredAntiAffinity
    .map((term) => readyTerm(term, other))
    .filter((term) => termPicks(term, pod, snapshot))
}

function count(counts: TopologyCounts, terms: readonly ReadyTerm[], node: NodeInfo, amount: number): void {
  for (const { topologyKey } of terms) {
    const value = node.labels[topologyKey]
    if (value !== undefined) counts.add(topologyKey, value, amount)
  }
}

function change(state: FilterState | undefined, pod: PodInfo, other: PodInfo, node: NodeInfo, amount: 1 | -1): void {
  if (state === undefined) return
  const { snapshot, affinity, antiAffinity } = state
  if (affinity.length > 0 && affinity.every((term) => termPicks(term, other, snapshot)))
    count(state.friends, affinity, node, amount)
  count(
    state.foes,
    antiAffinity.filter((term) => termPicks(term, other, snapshot)),
    node,
    amount,
  )
  count(state.objectors, termsAgainst(other, pod, snapshot), node, amount)
}

/** The first Pod of a group that wants to be together may go anywhere that has the labels. */
function hasFriends({ affinity, friends, snapshot }: FilterState, pod: PodInfo, node: NodeInfo): boolean {
  if (affinity.some((term) => node.labels[term.topologyKey] === undefined)) return false
  if (affinity.every((term) => friends.of(term.topologyKey, node.labels[term.topologyKey]) > 0)) return true
  return friends.isEmpty && affinity.every((term) => termPicks(term, pod, snapshot))
}

function hasFoes({ antiAffinity, foes }: FilterState, node: NodeInfo): boolean {
  return antiAffinity.some((term) => foes.of(term.topologyKey, node.labels[term.topologyKey]) > 0)
}

function hasObjectors({ objectors }: FilterState, node: NodeInfo): boolean {
  return Object.entries(node.labels).some(([key, value]) => objectors.of(key, value) > 0)
}

/** Score by topology key and value. */
type TopologyScores = Map<string, Map<string, number>>

function topologyScores(pod: PodInfo, snapshot: Snapshot): TopologyScores {
  const scores: TopologyScores = new Map()
  const add = (term: ReadyTerm, node: NodeInfo, weight: number) => {
    const value = node.labels[term.topologyKey]
    if (value === undefined || weight === 0) return
    const values = scores.get(term.topologyKey) ?? new Map<string, number>()
    scores.set(term.topologyKey, values.set(value, (values.get(value) ?? 0) + weight))
  }
  const own = [
    ...pod.preferredAffinity.map(({ podAffinityTerm, weight }) => ({ term: readyTerm(podAffinityTerm, pod), weight })),
    ...pod.preferredAntiAffinity.map(({ podAffinityTerm, weight }) => ({
      term: readyTerm(podAffinityTerm, pod),
      weight: -weight,
    })),
  ]
  for (const { term, weight } of own) for (const other of pickedByTerm(term, snapshot)) add(term, other.node, weight)
  for (const other of snapshot.podsWithAffinity) {
    for (const { term, weight } of wishesOf(other.pod))
      if (termPicks(term, pod, snapshot)) add(term, other.node, weight)
  }
  return scores
}

/** What a placed Pod would like its neighbours to be. */
function wishesOf(other: PodInfo): { readonly term: ReadyTerm; readonly weight: number }[] {
  return [
    ...other.requiredAffinity.map((term) => ({ term: readyTerm(term, other), weight: HARD_AFFINITY_WEIGHT })),
    ...other.preferredAffinity.map(({ podAffinityTerm, weight }) => ({
      term: readyTerm(podAffinityTerm, other),
      weight,
    })),
    ...other.preferredAntiAffinity.map(({ podAffinityTerm, weight }) => ({
      term: readyTerm(podAffinityTerm, other),
      weight: -weight,
    })),
  ]
}
