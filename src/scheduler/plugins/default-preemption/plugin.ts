/**
 * Makes room for a more important Pod by evicting less important ones
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/).
 */

import type { Pod } from '../../../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../../../api/generated/policy-v1.ts'
import { type Clock, toTime } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import type { Client } from '../../../client/client.ts'
import { PODS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { hasReason } from '../../../meta/errors.ts'
import type { Cycle } from '../../framework/cycle.ts'
import type { Rejections, SchedulerPlugin } from '../../framework/plugin.ts'
import { type Candidate, cheapest, findVictims } from '../../preemption/victims.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'

export interface PreemptionDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly budgets: () => readonly DeepReadonly<PodDisruptionBudget>[]
  readonly tell: (pod: DeepReadonly<Pod>, type: 'Normal' | 'Warning', reason: string, message: string) => void
  /** The filters of the profile, asked again for every node that is tried. */
  readonly filters: () => readonly SchedulerPlugin[]
}

/** Enough candidates to choose among: a tenth of the nodes, at least this many. */
const MIN_CANDIDATES = 100
const NOT_HELPFUL = 'Preemption is not helpful for scheduling'
const NO_VICTIMS = 'No preemption victims found for incoming pod'

/** The plugin, which unlike most needs to act on the cluster. */
export function defaultPreemption(deps: PreemptionDeps): SchedulerPlugin {
  return {
    name: 'DefaultPreemption',

    async postFilter(cycle, pod, snapshot, rejections, signal) {
      const objection = whyNotEligible(pod, snapshot)
      if (objection !== undefined) return { message: `preemption: ${objection}` }
      const best = cheapest(findCandidates({ cycle, pod, snapshot, rejections }, deps))
      if (best === undefined) return { message: noRoomText(snapshot, rejections) }
      for (const victim of best.victims) await evict(victim, pod, best, deps, signal)
      return { nominatedNode: best.nodeName, message: '' }
    },
  }
}

/** A Pod that never preempts, or for which room is being made already, evicts nobody. */
function whyNotEligible({ pod, priority }: PodInfo, snapshot: Snapshot): string | undefined {
  if (pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = snapshot.node(pod.status?.nominatedNodeName ?? '')
  for (const other of nominated?.pods.values() ?? []) {
    if (other.priority < priority && other.pod.metadata.deletionTimestamp !== undefined) {
      return 'not eligible due to a terminating pod on the nominated node.'
    }
  }
  return undefined
}

interface Failure {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly snapshot: Snapshot
  readonly rejections: Rejections
}

function findCandidates({ cycle, pod, snapshot, rejections }: Failure, deps: PreemptionDeps): Candidate[] {
  const nodes = snapshot.nodes.filter((node) => rejections.get(node.name)?.evictionMayHelp === true)
  const wanted = Math.max(MIN_CANDIDATES, Math.floor(snapshot.nodes.length / 10))
  const start = Math.floor(deps.random.next() * nodes.length)
  const candidates: Candidate[] = []
  const [plugins, budgets] = [deps.filters(), deps.budgets()]
  for (let tried = 0; tried < nodes.length && candidates.length < wanted; tried++) {
    const node = nodes[(start + tried) % nodes.length]
    if (node === undefined) continue
    const found = findVictims({ cycle, pod, node, plugins, budgets, nominated: snapshot.nominatedTo(node.name) })
    if (found !== undefined) candidates.push(found)
  }
  return candidates
}

function noRoomText(snapshot: Snapshot, rejections: Rejections): string {
  let helpful = 0
  for (const rejection of rejections.values()) if (rejection.evictionMayHelp) helpful++
  const hopeless = snapshot.nodes.length - helpful
  const parts = [
    ...(helpful === 0 ? [] : [`${helpful} ${NO_VICTIMS}`]),
    ...(hopeless === 0 ? [] : [`${hopeless} ${NOT_HELPFUL}`]),
  ]
  return `preemption: 0/${snapshot.nodes.length} nodes are available: ${parts.sort().join(', ')}.`
}

/** Says in the victim's status why it goes, then deletes it gracefully. */
async function evict(
  victim: PodInfo,
  pod: PodInfo,
  { nodeName }: Candidate,
  deps: PreemptionDeps,
  signal: AbortSignal,
): Promise<void> {
  const { name = '', namespace = '', uid = '' } = victim.pod.metadata
  if (victim.pod.metadata.deletionTimestamp !== undefined) return
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${pod.pod.spec?.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: toTime(deps.clock.now()),
  }
  try {
    const body = { metadata: { uid }, status: { conditions: [condition] } }
    await deps.client.patch(PODS, { namespace, name }, 'strategic', body, { subresource: 'status' }, signal)
    await deps.client.delete(PODS, { namespace, name }, { preconditions: { uid } }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
    return
  }
  deps.tell(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${pod.uid} on node ${nodeName}`)
}
