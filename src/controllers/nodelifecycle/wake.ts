/** Which nodes are looked at again when a node, its lease or a Pod changes; and what is heard of the nodes. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type { Lease } from '../../api/generated/coordination-v1.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { WorkQueue } from '../../base/work-queue.ts'
import type { Informer } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Events } from '../kit/events.ts'
import { indexOnce } from '../kit/indexes.ts'
import { nameOf } from '../kit/ownership.ts'
import { type ReadNode, readiness } from './conditions.ts'
import type { EvictionRate } from './eviction-rate.ts'
import type { Heartbeats } from './heartbeats.ts'

const DOWN = 'down'

export interface WakeDeps {
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  readonly leases: Informer<Lease>
  readonly queue: WorkQueue
  readonly events: Events
  readonly heartbeats: Heartbeats
  readonly evictions: EvictionRate
}

/** From now on every change adds the nodes it concerns to the queue. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { nodes, pods, leases, queue, heartbeats } = deps
  indexOnce(nodes, DOWN, (node) => (readiness(node) === 'True' ? [] : [DOWN]))
  nodes.on({
    added: (node) => nodeAdded(deps, node),
    updated: (node, old) => nodeUpdated(deps, node, old),
    deleted: (node) => nodeDeleted(deps, node),
  })
  const renewed = ({ metadata, spec }: DeepReadonly<Lease>) => {
    if (spec?.renewTime !== undefined) heartbeats.renewed(metadata.name ?? '', spec.renewTime)
  }
  leases.on({ added: renewed, updated: renewed })
  pods.on({
    /** A Pod that a kubelet reported ready just before it fell silent. */
    updated(pod) {
      const name = pod.spec?.nodeName
      const node = name === undefined ? undefined : nodes.get(name)
      if (node !== undefined && isPodReady(pod) && readiness(node) === 'Unknown') queue.add(nameOf(node))
    },
  })
}

function nodeAdded({ queue, events, heartbeats, evictions }: WakeDeps, node: ReadNode): void {
  const name = nameOf(node)
  evictions.added(node)
  heartbeats.register(node)
  events.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
  queue.add(name)
}

/** Whether a node may be emptied depends on how many others are down: those are woken with it. */
function nodeUpdated({ nodes, queue, heartbeats, evictions }: WakeDeps, node: ReadNode, old: ReadNode): void {
  evictions.updated(node, old)
  heartbeats.reported(node)
  queue.add(nameOf(node))
  if (readiness(node) === readiness(old)) return
  for (const other of nodes.byIndex(DOWN, DOWN)) queue.add(nameOf(other))
}

function nodeDeleted({ events, heartbeats, evictions }: WakeDeps, node: ReadNode): void {
  const name = nameOf(node)
  events.event(node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
  heartbeats.forget(node)
  evictions.deleted(node)
}
