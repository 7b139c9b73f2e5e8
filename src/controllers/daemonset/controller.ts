/** DaemonSet: one Pod on every node that fits (https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/). */

import { createWorkQueue } from '../../base/work-queue.ts'
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { sameJson } from '../kit/equal.ts'
import { PlaceBackoff } from '../kit/failure-backoff.ts'
import { indexByController } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf, uidOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { PacedQueue } from '../kit/pace.ts'
import { observeOwnWrites, PodControl } from '../kit/pod-control.ts'
import { wakeOwners } from '../kit/wake-owners.ts'
import { belonging, type ReadDaemonSet, type ReadNode } from './nodes.ts'
import { reconcileDaemonSet } from './reconcile.ts'

export function daemonSetController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const sets = deps.informers.of(DAEMON_SETS)
  const pods = deps.informers.of(PODS)
  const nodes = deps.informers.of(NODES)
  const revisions = deps.informers.of(CONTROLLER_REVISIONS)
  const queue = createWorkQueue(clock)
  const paced = new PacedQueue(queue, clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events('daemonset-controller')
  const control = new PodControl({ client, events, ownWrites })
  const backoff = new PlaceBackoff(clock)
  indexByController(pods)
  indexByController(revisions)
  observeOwnWrites(pods, ownWrites)

  const enqueue = (set: ReadDaemonSet) => queue.add(keyOf(set))
  sets.on({
    added: enqueue,
    updated: enqueue,
    deleted(set) {
      backoff.forget(uidOf(set))
      enqueue(set)
    },
  })
  wakeOwners(pods, {
    ref: DAEMON_SETS,
    owners: sets,
    selector: (set) => selectorOf(set.spec?.selector),
    wake: (key) => paced.add(key),
  })
  const wakeFor = (node: ReadNode, old?: ReadNode) => {
    for (const set of sets.list()) if (isConcerned(set, node, old)) enqueue(set)
  }
  nodes.on({
    added: (node) => wakeFor(node),
    updated(node, old) {
      if (node.metadata.labels !== old.metadata.labels || node.spec !== old.spec) wakeFor(node, old)
    },
    deleted: (node) => wakeFor(node),
  })
  const parts = { client, clock, sets, pods, nodes, revisions, paced, ownWrites, events, control, backoff }
  const reconcile = (key: string, signal: AbortSignal) => reconcileDaemonSet(parts, key, signal)
  const waitFor = [sets, pods, nodes, revisions]
  return loopController({ name: 'daemonset', queue, reconcile, log: deps.log, waitFor, workers: 2 })
}

/** Whether a node that came or went is one of the set's; of one that changed, whether that is otherwise now. */
function isConcerned(set: ReadDaemonSet, node: ReadNode, old: ReadNode | undefined): boolean {
  const now = belonging(set, node)
  return old === undefined ? now.stays : !sameJson(now, belonging(set, old))
}
