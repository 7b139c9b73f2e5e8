/** One scheduling cycle: from a Pod and the cluster as it is to the best node, or to why there is none. */

import type { Random } from '../../base/random.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Cycle } from './cycle.ts'
import type { EnabledPlugin, SchedulerPlugin } from './plugin.ts'
import { type Rejection, fits, type Verdict } from './verdict.ts'

export interface Profile {
  readonly schedulerName: string
  readonly plugins: readonly EnabledPlugin[]
  /** Share of nodes to look for before scoring, in percent; 0: chosen by the size of the cluster. */
  readonly percentageOfNodesToScore: number
}

export type NodeRejection = Rejection & { readonly plugin: string }

export type FindResult =
  | { readonly found: true; readonly node: NodeInfo }
  | {
      readonly found: false
      /** Why each node was refused; nodes a preFilter ruled out are here too. */
      readonly rejections: ReadonlyMap<string, NodeRejection>
      readonly refusedBy: ReadonlySet<string>
      /** A preFilter refused the Pod everywhere, with this. */
      readonly everywhere?: NodeRejection
      readonly nodeCount: number
    }

export interface FindDeps {
  readonly snapshot: Snapshot
  readonly profile: Profile
  readonly random: Random
  /** Where the last search ended, so that the next begins with other nodes. */
  readonly rotation: { next: number }
}

const MIN_FEASIBLE_NODES = 100
const MIN_PERCENTAGE = 5

/** Finds the node for a Pod. Runs to its end without yielding. */
export function findNode(cycle: Cycle, pod: PodInfo, deps: FindDeps): FindResult {
  const { snapshot, profile } = deps
  const plugins = profile.plugins.map(({ plugin }) => plugin)
  const narrowed = runPreFilters(cycle, pod, plugins, snapshot)
  if ('kind' in narrowed) {
    const rejections = new Map(snapshot.nodes.map((node) => [node.name, narrowed]))
    return {
      found: false,
      rejections,
      refusedBy: new Set([narrowed.plugin]),
      everywhere: narrowed,
      nodeCount: snapshot.nodes.length,
    }
  }
  const { feasible, rejections } = filterNodes(cycle, pod, narrowed, deps)
  if (feasible.length === 0) {
    const refusedBy = new Set([...rejections.values()].map((rejection) => rejection.plugin))
    return { found: false, rejections, refusedBy, nodeCount: snapshot.nodes.length }
  }
  const [only] = feasible
  if (feasible.length === 1 && only !== undefined) return { found: true, node: only }
  return { found: true, node: bestOf(scoreNodes(cycle, pod, feasible, deps), feasible, deps.random) }
}

interface Narrowed {
  readonly onlyNodes: ReadonlySet<string> | undefined
  readonly narrowedBy: string
}

function runPreFilters(
  cycle: Cycle,
  pod: PodInfo,
  plugins: readonly SchedulerPlugin[],
  snapshot: Snapshot,
): Narrowed | NodeRejection {
  let onlyNodes: ReadonlySet<string> | undefined
  let narrowedBy = ''
  for (const plugin of plugins) {
    const answer = plugin.preFilter?.(cycle, pod, snapshot)
    if (answer === undefined) continue
    if (answer.verdict.kind === 'rejected') return { ...answer.verdict, plugin: plugin.name }
    if (answer.verdict.kind === 'skip') cycle.skippedFilters.add(plugin.name)
    if (answer.onlyNodes === undefined) continue
    narrowedBy = plugin.name
    const before: ReadonlySet<string> | undefined = onlyNodes
    onlyNodes =
      before === undefined ? answer.onlyNodes : new Set([...answer.onlyNodes].filter((name) => before.has(name)))
  }
  return { onlyNodes, narrowedBy }
}

/** Asks every filter about one node, in order, until one refuses. */
export function filterNode(
  cycle: Cycle,
  pod: PodInfo,
  node: NodeInfo,
  plugins: readonly SchedulerPlugin[],
): NodeRejection | undefined {
  for (const plugin of plugins) {
    if (plugin.filter === undefined || cycle.skippedFilters.has(plugin.name)) continue
    const verdict: Verdict = plugin.filter(cycle, pod, node)
    if (verdict.kind === 'rejected') return { ...verdict, plugin: plugin.name }
  }
  return undefined
}

export interface NodeTrial {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly node: NodeInfo
  readonly plugins: readonly SchedulerPlugin[]
  /** Pods that preemption made room for on this node. */
  readonly nominated: readonly PodInfo[]
}

/**
 * Asks the filters about a node, leaving room for nominated Pods of the same or a higher priority. The Pod must fit
 * with them there, and also without: they may never come.
 */
export function filterBesideNominated({ cycle, pod, node, plugins, nominated }: NodeTrial): NodeRejection | undefined {
  if (nominated.length === 0) return filterNode(cycle, pod, node, plugins)
  const others = nominated.filter((other) => other.uid !== pod.uid && other.priority >= pod.priority)
  if (others.length > 0) {
    const forkedNode = node.fork()
    const forkedCycle = cycle.fork()
    for (const other of others) {
      forkedNode.add(other)
      for (const plugin of plugins) plugin.addPod?.(forkedCycle, pod, other, forkedNode)
    }
    const rejection = filterNode(forkedCycle, pod, forkedNode, plugins)
    if (rejection !== undefined) return rejection
  }
  return filterNode(cycle, pod, node, plugins)
}

function filterNodes(cycle: Cycle, pod: PodInfo, { onlyNodes, narrowedBy }: Narrowed, deps: FindDeps) {
  const { snapshot, profile, rotation } = deps
  const plugins = profile.plugins
    .map(({ plugin }) => plugin)
    .filter((plugin) => plugin.filter !== undefined && !cycle.skippedFilters.has(plugin.name))
  const nodes = onlyNodes === undefined ? snapshot.nodes : snapshot.nodes.filter((node) => onlyNodes.has(node.name))
  const wanted = nodesToFind(nodes.length, profile.percentageOfNodesToScore)
  const feasible: NodeInfo[] = []
  const rejections = new Map<string, NodeRejection>()
  const start = nodes.length === 0 ? 0 : rotation.next % nodes.length
  let looked = 0
  for (; looked < nodes.length && feasible.length < wanted; looked++) {
    const node = nodes[(start + looked) % nodes.length] as NodeInfo
    const rejection = filterBesideNominated({ cycle, pod, node, plugins, nominated: snapshot.nominatedTo(node.name) })
    if (rejection === undefined) feasible.push(node)
    else rejections.set(node.name, rejection)
  }
  rotation.next = start + looked
  if (feasible.length === 0 && onlyNodes !== undefined) {
    const ruledOut: NodeRejection = {
      kind: 'rejected',
      reasons: [`node(s) didn't satisfy plugin(s) [${narrowedBy}]`],
      evictionMayHelp: false,
      plugin: narrowedBy,
    }
    for (const node of snapshot.nodes) if (!onlyNodes.has(node.name)) rejections.set(node.name, ruledOut)
  }
  return { feasible, rejections }
}

/** How many fitting nodes are enough: all of a small cluster, a shrinking share of a large one. */
export function nodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < MIN_FEASIBLE_NODES || percentage >= 100) return nodeCount
  const share = percentage > 0 ? percentage : Math.max(MIN_PERCENTAGE, 50 - Math.floor(nodeCount / 125))
  return Math.max(MIN_FEASIBLE_NODES, Math.floor((nodeCount * share) / 100))
}

function scoreNodes(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], deps: FindDeps): number[] {
  const totals = nodes.map(() => 0)
  const scorers = deps.profile.plugins.filter(
    ({ plugin }) => plugin.score !== undefined || plugin.preScore !== undefined,
  )
  for (const { plugin } of scorers) {
    const verdict = plugin.preScore?.(cycle, pod, nodes, deps.snapshot)
    if (verdict?.kind === 'skip') cycle.skippedScores.add(plugin.name)
  }
  for (const { plugin, weight } of scorers) {
    if (plugin.score === undefined || cycle.skippedScores.has(plugin.name)) continue
    const score = plugin.score.bind(plugin)
    const scores = nodes.map((node) => score(cycle, pod, node))
    if (plugin.normalize !== undefined) plugin.normalize(cycle, pod, scores, nodes)
    else if (plugin.scoresAreFinal !== true) scaleToHundred(scores, plugin.lowerIsBetter === true)
    for (let index = 0; index < scores.length; index++) totals[index]! += scores[index]! * weight
  }
  return totals
}

/** Scales scores in place so that the largest becomes 100; turned round where lower is better. */
export function scaleToHundred(scores: number[], lowerIsBetter: boolean): void {
  const largest = Math.max(0, ...scores)
  scores.forEach((score, index) => {
    const scaled = largest === 0 ? 0 : Math.floor((100 * score) / largest)
    scores[index] = lowerIsBetter ? 100 - scaled : scaled
  })
}

/** The node of the highest score, by chance among equals. */
function bestOf(totals: readonly number[], nodes: readonly NodeInfo[], random: Random): NodeInfo {
  let [highest, count] = [Number.NEGATIVE_INFINITY, 0]
  for (const total of totals) {
    if (total === highest) count++
    else if (total > highest) [highest, count] = [total, 1]
  }
  let left = Math.floor(random.next() * count)
  return nodes.find((_, index) => totals[index] === highest && left-- === 0) as NodeInfo
}

/** Asks every plugin with the hook, in order, until one does not say yes. */
export function firstObjection(
  profile: Profile,
  ask: (plugin: SchedulerPlugin) => Verdict | undefined,
): { readonly plugin: string; readonly verdict: Verdict } | undefined {
  for (const { plugin } of profile.plugins) {
    const verdict = ask(plugin) ?? fits
    if (verdict.kind === 'rejected' || verdict.kind === 'wait') return { plugin: plugin.name, verdict }
  }
  return undefined
}
