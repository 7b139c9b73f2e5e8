/** One scheduling cycle: from a Pod and the cluster as it is to the best node, or to why there is none. */

import type { Random } from '../../base/random.ts'
import { NO_NODES } from '../queue/scheduling-queue.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Cycle } from './cycle.ts'
import type { NodeRejection, Rejections, SchedulerPlugin } from './plugin.ts'
import { PluginFailure } from './plugin-failure.ts'
import type { Profile } from './profile.ts'
import { bestOf, scoreNodes } from './score-nodes.ts'
import { fits, type Rejection, type Verdict } from './verdict.ts'

/** A Pod that fits nowhere, and why. */
export interface NoNode {
  readonly found: false
  readonly rejections: Rejections
  readonly refusedBy: ReadonlySet<string>
  /** A preFilter refused the Pod everywhere, with this. */
  readonly everywhere?: NodeRejection
  readonly nodeCount: number
}

export type FindResult = { readonly found: true; readonly node: NodeInfo } | NoNode

export interface FindDeps {
  readonly snapshot: Snapshot
  readonly profile: Profile
  readonly random: Random
  /** Where the last search ended, so that the next begins with other nodes. */
  readonly rotation: { next: number }
  /** Every node that fits is wanted, for somebody else will say no to some of them too. */
  readonly wantsAll?: boolean
  /** The nominated node has been tried. */
  readonly skipsNominated?: boolean
}

/** The nodes that fit, or why none does. */
export type Search =
  | {
      readonly found: true
      readonly feasible: readonly NodeInfo[]
      /** Why the other nodes that were looked at do not fit. */
      readonly rejections: Rejections
    }
  | NoNode

const MIN_FEASIBLE_NODES = 100
const MIN_PERCENTAGE = 5

/** Finds the node for a Pod. Runs to its end without yielding. */
export function findNode(cycle: Cycle, pod: PodInfo, deps: FindDeps): FindResult {
  const search = searchNodes(cycle, pod, deps)
  return search.found ? { found: true, node: chooseNode(cycle, pod, search.feasible, deps) } : search
}

/** Looks for nodes that fit: first the one that is nominated, then the others. */
export function searchNodes(cycle: Cycle, pod: PodInfo, deps: FindDeps): Search {
  const { snapshot, profile } = deps
  const nodeCount = snapshot.nodes.length
  if (nodeCount === 0)
    return { found: false, rejections: { byNode: NO_REJECTIONS }, refusedBy: new Set([NO_NODES]), nodeCount }
  const narrowed = runPreFilters(cycle, pod, profile, snapshot)
  if ('kind' in narrowed) {
    const rejections = { byNode: NO_REJECTIONS, others: narrowed }
    return { found: false, rejections, refusedBy: new Set([narrowed.plugin]), everywhere: narrowed, nodeCount }
  }
  const nominated = deps.skipsNominated === true ? '' : (pod.pod.status?.nominatedNodeName ?? '')
  const kept = nominated === '' ? undefined : snapshot.node(nominated)
  if (kept !== undefined && tryNode(cycle, pod, kept, deps) === undefined)
    return { found: true, feasible: [kept], rejections: { byNode: NO_REJECTIONS } }

  const { feasible, rejections }: Filtered = filterNodes(cycle, pod, narrowed, deps)
  if (feasible.length > 0) return { found: true, feasible, rejections }
  const refusedBy = new Set([...rejections.byNode.values()].map((rejection) => rejection.plugin))
  if (rejections.others !== undefined) for (const name of narrowed.narrowedBy) refusedBy.add(name)
  return { found: false, rejections, refusedBy, nodeCount }
}

/** The best of the nodes that fit. `extra` is added to their scores, by name. */
export function chooseNode(
  cycle: Cycle,
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  deps: Pick<FindDeps, 'snapshot' | 'profile' | 'random'>,
  extra?: ReadonlyMap<string, number>,
): NodeInfo {
  const [only] = feasible
  if (feasible.length === 1 && only !== undefined) return only
  const totals = scoreNodes(cycle, pod, feasible, deps)
  if (extra !== undefined) feasible.forEach(({ name }, index) => (totals[index]! += extra.get(name) ?? 0))
  return bestOf(totals, feasible, deps.random)
}

const NO_REJECTIONS: ReadonlyMap<string, NodeRejection> = new Map()

interface Narrowed {
  readonly onlyNodes: ReadonlySet<string> | undefined
  readonly narrowedBy: readonly string[]
}

function runPreFilters(cycle: Cycle, pod: PodInfo, { points }: Profile, snapshot: Snapshot): Narrowed | NodeRejection {
  let onlyNodes: ReadonlySet<string> | undefined
  const narrowedBy: string[] = []
  for (const plugin of points.preFilter) {
    const answer = plugin.preFilter?.(cycle, pod, snapshot)
    if (answer === undefined) continue
    if (answer.verdict.kind === 'rejected') return { ...answer.verdict, plugin: plugin.name }
    if (answer.verdict.kind === 'skip') cycle.skippedFilters.add(plugin.name)
    if (answer.onlyNodes === undefined) continue
    narrowedBy.push(plugin.name)
    onlyNodes = onlyNodes === undefined ? answer.onlyNodes : intersection(onlyNodes, answer.onlyNodes)
    if (onlyNodes.size === 0) return ruledOut(narrowedBy.sort())
  }
  return { onlyNodes, narrowedBy: narrowedBy.sort() }
}

const intersection = (a: ReadonlySet<string>, b: ReadonlySet<string>) => new Set([...a].filter((name) => b.has(name)))

function ruledOut(plugins: readonly string[]): NodeRejection {
  const [only = ''] = plugins
  const reason =
    plugins.length === 1
      ? `node(s) didn't satisfy plugin ${only}`
      : `node(s) didn't satisfy plugin(s) [${plugins.join(' ')}] simultaneously`
  return { kind: 'rejected', reasons: [reason], evictionMayHelp: false, plugin: only }
}

function askFilter(plugin: SchedulerPlugin, cycle: Cycle, pod: PodInfo, node: NodeInfo): Verdict {
  try {
    return plugin.filter?.(cycle, pod, node) ?? fits
  } catch (error) {
    if (!(error instanceof PluginFailure)) throw error
    throw new PluginFailure(`running "${plugin.name}" filter plugin: ${error.message}`)
  }
}

/** Asks every filter about one node, in order, until one refuses. */
export function filterNode(
  cycle: Cycle,
  pod: PodInfo,
  node: NodeInfo,
  filters: readonly SchedulerPlugin[],
): NodeRejection | undefined {
  for (const plugin of filters) {
    if (plugin.filter === undefined || cycle.skippedFilters.has(plugin.name)) continue
    const verdict = askFilter(plugin, cycle, pod, node)
    if (verdict.kind === 'rejected') return signed(verdict, plugin)
  }
  return undefined
}

/** Plugins that always say the same give the same object: it is signed once. */
const SIGNED = new WeakMap<Rejection, NodeRejection>()

function signed(verdict: Rejection, { name }: SchedulerPlugin): NodeRejection {
  const known = SIGNED.get(verdict)
  if (known !== undefined) return known
  const rejection = { ...verdict, plugin: name }
  SIGNED.set(verdict, rejection)
  return rejection
}

export interface NodeTrial {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly node: NodeInfo
  readonly filters: readonly SchedulerPlugin[]
  /** Those whose state follows Pods that are added. */
  readonly preFilters: readonly SchedulerPlugin[]
  /** Pods that preemption made room for on this node. */
  readonly nominated: readonly PodInfo[]
}

/**
 * Asks the filters about a node, leaving room for nominated Pods of the same or a higher priority. The Pod must fit
 * with them there, and also without: they may never come.
 */
export function filterBesideNominated(trial: NodeTrial): NodeRejection | undefined {
  const { cycle, pod, node, filters, preFilters, nominated } = trial
  if (nominated.length === 0) return filterNode(cycle, pod, node, filters)
  const others = nominated.filter((other) => other.uid !== pod.uid && other.priority >= pod.priority)
  if (others.length > 0) {
    const forkedNode = node.fork()
    const forkedCycle = cycle.fork()
    for (const other of others) {
      forkedNode.add(other)
      for (const plugin of preFilters) plugin.addPod?.(forkedCycle, pod, other, forkedNode)
    }
    const rejection = filterNode(forkedCycle, pod, forkedNode, filters)
    if (rejection !== undefined) return rejection
  }
  return filterNode(cycle, pod, node, filters)
}

function tryNode(cycle: Cycle, pod: PodInfo, node: NodeInfo, deps: FindDeps): NodeRejection | undefined {
  const { filter: filters, preFilter: preFilters } = deps.profile.points
  return filterBesideNominated({
    cycle,
    pod,
    node,
    filters,
    preFilters,
    nominated: deps.snapshot.nominatedTo(node.name),
  })
}

interface Filtered {
  readonly feasible: readonly NodeInfo[]
  readonly rejections: Rejections
}

function filterNodes(cycle: Cycle, pod: PodInfo, { onlyNodes, narrowedBy }: Narrowed, deps: FindDeps): Filtered {
  const { snapshot, profile, rotation } = deps
  const filters = profile.points.filter.filter((plugin) => !cycle.skippedFilters.has(plugin.name))
  const preFilters = profile.points.preFilter
  const nodes =
    onlyNodes === undefined
      ? snapshot.nodes
      : [...onlyNodes].flatMap((name) => {
          const node = snapshot.node(name)
          return node === undefined ? [] : [node]
        })
  const wanted =
    deps.wantsAll !== true && profile.points.score.length === 0
      ? 1
      : nodesToFind(nodes.length, profile.percentageOfNodesToScore)
  const feasible: NodeInfo[] = []
  const refused: NodeInfo[] = []
  const reasons: NodeRejection[] = []
  const start = nodes.length === 0 ? 0 : rotation.next % nodes.length
  let looked = 0
  for (; looked < nodes.length && feasible.length < wanted; looked++) {
    const node = nodes[(start + looked) % nodes.length] as NodeInfo
    const nominated = snapshot.nominatedTo(node.name)
    const rejection = filterBesideNominated({ cycle, pod, node, filters, preFilters, nominated })
    if (rejection === undefined) feasible.push(node)
    else {
      refused.push(node)
      reasons.push(rejection)
    }
  }
  rotation.next = start + looked
  // Why some nodes do not fit is of interest only where others might not either.
  if (feasible.length > 0 && deps.wantsAll !== true) return { feasible, rejections: { byNode: NO_REJECTIONS } }
  const byNode = new Map(refused.map((node, index) => [node.name, reasons[index] as NodeRejection]))
  if (onlyNodes === undefined) return { feasible, rejections: { byNode } }
  const others: NodeRejection = {
    kind: 'rejected',
    reasons: [`node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`],
    evictionMayHelp: false,
    plugin: narrowedBy[0] ?? '',
  }
  return { feasible, rejections: { byNode, others } }
}

/** How many fitting nodes are enough: all of a small cluster, a shrinking share of a large one. */
export function nodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < MIN_FEASIBLE_NODES || percentage >= 100) return nodeCount
  const share = percentage > 0 ? percentage : Math.max(MIN_PERCENTAGE, 50 - Math.floor(nodeCount / 125))
  return Math.max(MIN_FEASIBLE_NODES, Math.floor((nodeCount * share) / 100))
}

/** Asks plugins in order until one does not say yes. */
export function firstObjection(
  plugins: readonly SchedulerPlugin[],
  ask: (plugin: SchedulerPlugin) => Verdict | undefined,
): NodeRejection | undefined {
  for (const plugin of plugins) {
    const verdict = ask(plugin) ?? fits
    if (verdict.kind === 'rejected') return { ...verdict, plugin: plugin.name }
  }
  return undefined
}
