/** One look at one node: whether it fell silent, and what follows for its taints and its Pods. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import type { Events } from '../kit/events.ts'
import { onNode } from '../kit/indexes.ts'
import { nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { writeStatus } from '../kit/write-status.ts'
import { type ReadNode, type ReadNodeCondition, readiness, silencedConditions } from './conditions.ts'
import type { EvictionRate } from './eviction-rate.ts'
import type { Heartbeats } from './heartbeats.ts'
import { wantedTaints } from './taints.ts'

export interface NodeDeps {
  readonly client: Client
  readonly clock: Clock
  readonly events: Events
  readonly nodes: Lister<Node>
  readonly pods: Informer<Pod>
  readonly heartbeats: Heartbeats
  readonly evictions: EvictionRate
}

export async function reconcileNode(deps: NodeDeps, name: string, signal: AbortSignal): Promise<Outcome> {
  const node = deps.nodes.get(name)
  const left = node === undefined ? undefined : deps.heartbeats.graceLeft(node)
  if (node === undefined || left === undefined) return settled
  if (left <= 0) {
    const conditions = silencedConditions(node, deps.clock.now())
    const isNews = conditions !== node.status?.conditions
    if (isNews) return silence(deps, node, conditions, signal)
  }
  const evict = deps.evictions.mayEvict(node)
  await writeTaints(deps, node, evict === true, signal)
  if (readiness(node) === 'Unknown') await markPodsNotReady(deps, onNode(deps.pods, name), signal)
  const waits = [...(left > 0 ? [left] : []), ...(typeof evict === 'object' ? [evict.waitMs] : [])]
  return waits.length === 0 ? settled : again(Math.min(...waits))
}

/** Writes down that nobody knows how the node is. The change wakes us for the taints. */
async function silence(
  { client, events }: NodeDeps,
  node: ReadNode,
  conditions: readonly ReadNodeCondition[],
  signal: AbortSignal,
): Promise<Outcome> {
  if (readiness(node) === 'True') {
    events.event(node, 'Normal', 'NodeNotReady', `Node ${nameOf(node)} status is now: NodeNotReady`)
  }
  const status = { ...node.status, conditions }
  await writeStatus({ client, ref: NODES, object: node, status, onConflict: 'throw' }, signal)
  return settled
}

async function writeTaints(
  { client, clock }: NodeDeps,
  node: ReadNode,
  evict: boolean,
  signal: AbortSignal,
): Promise<void> {
  const taints = wantedTaints(node, evict, clock.now())
  if (sameJson(taints, node.spec?.taints ?? [])) return
  const { uid, resourceVersion } = node.metadata
  const body = { metadata: { uid, resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } }
  await client.patch(NODES, { name: nameOf(node) }, 'merge', body, undefined, signal)
}

/** Nobody probes them any more, so nobody may be sent to them. A kubelet that says it is not ready still does. */
async function markPodsNotReady(
  { client, events }: NodeDeps,
  pods: readonly ReadPod[],
  signal: AbortSignal,
): Promise<void> {
  for (const pod of pods.filter(isPodReady)) {
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready' ? { ...condition, status: 'False' as const } : condition,
    )
    try {
      const status = { ...pod.status, conditions }
      await writeStatus({ client, ref: PODS, object: pod, status, onConflict: 'throw' }, signal)
      events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }
}
