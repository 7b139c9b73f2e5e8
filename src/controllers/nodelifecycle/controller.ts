/**
 * Nodes whose kubelet falls silent become Unknown, are tainted, and their Pods are no longer ready
 * (https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller).
 */

import { createWorkQueue } from '../../base/work-queue.ts'
import { LEASES, NODES, PODS } from '../../client/resources.ts'
import { indexByNode } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { EvictionRate } from './eviction-rate.ts'
import { Heartbeats } from './heartbeats.ts'
import { reconcileNode } from './reconcile.ts'
import { wakeOnChanges } from './wake.ts'

const LEASE_NAMESPACE = 'kube-node-lease'

export function nodeLifecycleController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const leases = deps.informers.of(LEASES, { namespace: LEASE_NAMESPACE })
  const queue = createWorkQueue(clock)
  const events = deps.events('node-controller')
  const heartbeats = new Heartbeats(clock)
  const evictions = new EvictionRate(clock)
  indexByNode(pods)
  wakeOnChanges({ nodes, pods, leases, queue, events, heartbeats, evictions })
  const parts = { client, clock, events, nodes, pods, heartbeats, evictions }
  return loopController({
    name: 'nodelifecycle',
    queue,
    reconcile: (name, signal) => reconcileNode(parts, name, signal),
    log: deps.log,
    waitFor: [nodes, pods, leases],
  })
}
