/**
 * The controller behind ReplicaSet and ReplicationController: keeps a stated number of like Pods alive
 * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/).
 */

import { createWorkQueue } from '../../../base/work-queue.ts'
import { PODS } from '../../../client/resources.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { OwnerBackoff } from '../failure-backoff.ts'
import { indexByController } from '../indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../loop.ts'
import { OwnWrites } from '../own-writes.ts'
import { PacedQueue } from '../pace.ts'
import { observeOwnWrites, PodControl } from '../pod-control.ts'
import { reconcileReplicas, type ReplicaDeps } from './reconcile-replicas.ts'
import type { ReplicaKind } from './replica-kind.ts'
import { wakeReplicaOwners } from './wake-replica-owners.ts'

export type { ReplicaKind } from './replica-kind.ts'

/** A controller for one kind. */
export function replicaController<T extends KubeObject>(kind: ReplicaKind<T>, deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const owners = deps.informers.of(kind.ref)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events(`${kind.name}-controller`)
  const control = new PodControl({ client, events, ownWrites })
  const backoff = new OwnerBackoff(clock)
  indexByController(owners)
  indexByController(pods)
  observeOwnWrites(pods, ownWrites)
  const paced = new PacedQueue(queue, clock)
  wakeReplicaOwners(kind, { owners, pods }, { queue, paced })
  const parts: ReplicaDeps<T> = { kind, client, clock, owners, pods, ownWrites, control, backoff, paced }
  const reconcile = (key: string, signal: AbortSignal) => reconcileReplicas(parts, key, signal)
  return loopController({ name: kind.name, queue, reconcile, log: deps.log, waitFor: [owners, pods] })
}
