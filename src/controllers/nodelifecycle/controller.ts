/**
 * Nodes whose kubelet falls silent become Unknown, are tainted, and their Pods are no longer ready
 * (https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller).
 */

import { fromTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import { LEASES, NODES, PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import type { Events } from '../kit/events.ts'
import { indexByNode, indexOnce, onNode } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf } from '../kit/ownership.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'
import { writeStatus } from '../kit/write-status.ts'
import { heartbeatOf, nodeCondition, type ReadNode, readiness, silencedConditions } from './conditions.ts'
import { outageTaint, wantedTaints } from './taints.ts'
import { ZoneTallies, zoneOf } from './zones.ts'

/** How long a node may be silent. */
export const GRACE_MS = 40_000
/** How long a node that never reported may take to start. */
const STARTUP_GRACE_MS = 60_000
/** An outage this young may be the first sign of a larger one: nodes that fail together must be judged together. */
const SETTLE_MS = 5_000
const DOWN = 'down'
const LEASE_NAMESPACE = 'kube-node-lease'

/** When a node was last heard of, by our own clock: theirs may differ. */
interface Heard {
  at: number
  heartbeat: string
  renewTime: string | undefined
}

export function nodeLifecycleController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const leases = deps.informers.of(LEASES, { namespace: LEASE_NAMESPACE })
  const queue = createWorkQueue(clock)
  const events = deps.events('node-controller')
  const heard = new Map<string, Heard>()
  const nextEviction = new Map<string, number>()
  const zones = new ZoneTallies()
  indexByNode(pods)
  indexOnce(nodes, DOWN, (node) => (readiness(node) === 'True' ? [] : [DOWN]))

  const hear = (name: string, change: Partial<Pick<Heard, 'heartbeat' | 'renewTime'>>) => {
    const record = heard.get(name)
    if (record === undefined) return
    const isNews =
      (change.heartbeat !== undefined && change.heartbeat !== record.heartbeat) ||
      (change.renewTime !== undefined && change.renewTime !== record.renewTime)
    if (isNews) Object.assign(record, change, { at: clock.monotonic() })
  }
  /** Whether a node may be emptied depends on how many others are down. */
  const wakeOthersDown = () => {
    for (const node of nodes.byIndex(DOWN, DOWN)) queue.add(nameOf(node))
  }
  nodes.on({
    added(node) {
      const name = nameOf(node)
      zones.add(node)
      heard.set(name, { at: clock.monotonic(), heartbeat: heartbeatOf(node), renewTime: undefined })
      events.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
      queue.add(name)
    },
    updated(node, old) {
      zones.remove(old)
      zones.add(node)
      hear(nameOf(node), { heartbeat: heartbeatOf(node) })
      queue.add(nameOf(node))
      if (readiness(node) !== readiness(old)) wakeOthersDown()
    },
    deleted(node) {
      const name = nameOf(node)
      zones.remove(node)
      events.event(node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
      heard.delete(name)
      for (const zone of nextEviction.keys()) if (zone === zoneOf(node)) nextEviction.delete(zone)
    },
  })
  const renewed = (lease: {
    readonly metadata: ReadNode['metadata']
    readonly spec?: { readonly renewTime?: string }
  }) => {
    const { renewTime } = lease.spec ?? {}
    if (renewTime !== undefined) hear(lease.metadata.name ?? '', { renewTime })
  }
  leases.on({ added: renewed, updated: renewed })
  pods.on({
    /** A Pod that a kubelet reported ready just before it fell silent. */
    updated(pod) {
      const name = pod.spec?.nodeName
      const node = name === undefined ? undefined : nodes.get(name)
      if (node !== undefined && isReady(pod) && readiness(node) === 'Unknown') queue.add(nameOf(node))
    },
  })

  /** Whether the node's Pods may be driven away now, or how long that must wait. */
  const mayEvict = (node: ReadNode): boolean | { readonly waitMs: number } => {
    const key = outageTaint(node)
    if (key === undefined || nodeCondition(node, 'Ready') === undefined) return false
    const wait = zones.evictionWait(zoneOf(node))
    if (wait === undefined) return false
    const isTainted = node.spec?.taints?.some((taint) => taint.effect === 'NoExecute' && isOutage(taint.key)) === true
    if (isTainted) return true
    const since = fromTime(nodeCondition(node, 'Ready')?.lastTransitionTime) ?? 0
    if (clock.now() - since < SETTLE_MS) return { waitMs: since + SETTLE_MS - clock.now() }
    const now = clock.monotonic()
    const next = nextEviction.get(zoneOf(node)) ?? 0
    if (now < next) return { waitMs: next - now }
    nextEviction.set(zoneOf(node), now + wait)
    return true
  }

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const node = nodes.get(name)
    const record = heard.get(name)
    if (node === undefined || record === undefined) return settled
    const grace = nodeCondition(node, 'Ready') === undefined ? STARTUP_GRACE_MS : GRACE_MS
    const left = record.at + grace - clock.monotonic()
    if (left <= 0) {
      const conditions = silencedConditions(node, clock.now())
      if (conditions !== node.status?.conditions) {
        if (readiness(node) === 'True') {
          events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
        }
        const status = { ...node.status, conditions }
        await writeStatus({ client, ref: NODES, object: node, status, onConflict: 'throw' }, signal)
        return settled // the change wakes us for the taints
      }
    }
    const evict = mayEvict(node)
    await writeTaints(node, evict === true, signal)
    if (readiness(node) === 'Unknown') await markPodsNotReady(client, events, onNode(pods, name), signal)
    const waits = [...(left > 0 ? [left] : []), ...(typeof evict === 'object' ? [evict.waitMs] : [])]
    return waits.length === 0 ? settled : again(Math.min(...waits))
  }

  const writeTaints = async (node: ReadNode, evict: boolean, signal: AbortSignal): Promise<void> => {
    const taints = wantedTaints(node, evict, clock.now())
    if (sameJson(taints, node.spec?.taints ?? [])) return
    const { uid, resourceVersion } = node.metadata
    const body = { metadata: { uid, resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } }
    await client.patch(NODES, { name: nameOf(node) }, 'merge', body, undefined, signal)
  }

  return loopController({ name: 'nodelifecycle', queue, reconcile, log: deps.log, waitFor: [nodes, pods, leases] })
}

const isOutage = (key: string) => key === 'node.kubernetes.io/not-ready' || key === 'node.kubernetes.io/unreachable'

/** Nobody probes them any more, so nobody may be sent to them. A kubelet that says it is not ready still does. */
async function markPodsNotReady(
  client: Client,
  events: Events,
  pods: readonly ReadPod[],
  signal: AbortSignal,
): Promise<void> {
  for (const pod of pods.filter(isReady)) {
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
