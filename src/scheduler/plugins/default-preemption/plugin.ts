/**
 * Makes room for a more important Pod by evicting less important ones
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/).
 */

import type { PodDisruptionBudget } from '../../../api/generated/policy-v1.ts'
import { podCondition } from '../../../api/core/v1/pod/facts.ts'
import type { Random } from '../../../base/random.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { nodesSentence } from '../../framework/failure-text.ts'
import type { NodeRejection, PostFilterRequest, SchedulerPlugin } from '../../framework/plugin.ts'
import type { EvictDeps } from '../../preemption/evict.ts'
import { makeRoom } from '../../preemption/evict.ts'
import { type Candidate, cheapest, findVictims } from '../../preemption/victims.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'

/** Somebody outside who has a say in what is evicted; throws to call the preemption off. */
export type ReviewCandidates = (
  request: PostFilterRequest,
  candidates: readonly Candidate[],
  signal: AbortSignal,
) => Promise<readonly Candidate[]>

export interface PreemptionDeps extends EvictDeps {
  readonly random: Random
  readonly budgets: () => readonly DeepReadonly<PodDisruptionBudget>[]
  readonly review?: ReviewCandidates
}

/** How many candidates are enough to choose among: a share of the nodes, and a least number. */
export interface PreemptionOptions {
  readonly minCandidateNodesPercentage: number
  readonly minCandidateNodesAbsolute: number
}

const DEFAULT_OPTIONS: PreemptionOptions = { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 }

/** The plugin, which unlike most needs to act on the cluster. */
export function defaultPreemption(deps: PreemptionDeps, options: PreemptionOptions = DEFAULT_OPTIONS): SchedulerPlugin {
  return {
    name: 'DefaultPreemption',

    async postFilter(request, signal) {
      const objection = whyNotEligible(request)
      if (objection !== undefined) return { message: `preemption: ${objection}` }
      const { candidates, hopeless } = findCandidates(request, deps, options)
      if (candidates.length === 0) return { nominatedNode: '', message: `preemption: ${noRoomText(request, hopeless)}` }
      let reviewed = candidates
      try {
        reviewed = (await deps.review?.(request, candidates, signal)) ?? candidates
      } catch (error) {
        signal.throwIfAborted()
        return { message: `preemption: ${error instanceof Error ? error.message : String(error)}` }
      }
      const best = cheapest(reviewed)
      if (best === undefined) return { message: 'preemption: no candidate node for preemption' }
      // Others are scheduled while victims go: what becomes free is spoken for already.
      request.nominate(best.nodeName)
      await makeRoom(request, best, deps, signal)
      return { nominatedNode: best.nodeName, message: '' }
    },
  }
}

/** A Pod that never preempts, or for which room is being made already, evicts nobody. */
function whyNotEligible({ pod: { pod, priority }, snapshot, rejections }: PostFilterRequest): string | undefined {
  if (pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const name = pod.status?.nominatedNodeName ?? ''
  // Where eviction does not help any more, another node has to be found.
  if (name === '' || (rejections.byNode.get(name) ?? rejections.others)?.evictionMayHelp === false) return undefined
  for (const other of snapshot.node(name)?.pods.values() ?? []) {
    if (other.priority < priority && isBeingPreempted(other))
      return 'not eligible due to a terminating pod on the nominated node.'
  }
  return undefined
}

function isBeingPreempted({ pod }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false
  const target = podCondition(pod, 'DisruptionTarget')
  return target?.status === 'True' && target.reason === 'PreemptionByScheduler'
}

interface Findings {
  readonly candidates: readonly Candidate[]
  /** Why nodes that were tried do not do. */
  readonly hopeless: ReadonlyMap<string, NodeRejection>
}

/** Looks on until there are enough candidates, and one among them that breaks no budget. */
function findCandidates(request: PostFilterRequest, deps: PreemptionDeps, options: PreemptionOptions): Findings {
  const { cycle, pod, snapshot, rejections, profile } = request
  const mayHelp = (name: string) => (rejections.byNode.get(name) ?? rejections.others)?.evictionMayHelp === true
  const nodes = snapshot.nodes.filter((node) => mayHelp(node.name))
  const { minCandidateNodesPercentage: share, minCandidateNodesAbsolute: least } = options
  const wanted = Math.min(nodes.length, Math.max(least, Math.floor((nodes.length * share) / 100)))
  const start = Math.floor(deps.random.next() * nodes.length)
  const candidates: Candidate[] = []
  const hopeless = new Map<string, NodeRejection>()
  const { filter: filters, preFilter: preFilters } = profile.points
  const budgets = deps.budgets()
  let harmless = 0
  for (let tried = 0; tried < nodes.length && (candidates.length < wanted || harmless === 0); tried++) {
    const node = nodes[(start + tried) % nodes.length]
    if (node === undefined) continue
    const nominated = snapshot.nominatedTo(node.name)
    const found = findVictims({ cycle, pod, node, filters, preFilters, budgets, nominated })
    if (!('victims' in found)) hopeless.set(node.name, found)
    else {
      candidates.push(found)
      if (found.violations === 0) harmless++
    }
  }
  return { candidates, hopeless }
}

function noRoomText({ snapshot }: PostFilterRequest, hopeless: Findings['hopeless']): string {
  const others: NodeRejection = {
    kind: 'rejected',
    reasons: ['Preemption is not helpful for scheduling'],
    evictionMayHelp: false,
    plugin: '',
  }
  return nodesSentence({ byNode: hopeless, others }, snapshot.nodes.length)
}
