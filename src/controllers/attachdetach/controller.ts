/**
 * Asks drivers to attach volumes to the nodes whose Pods want them, and to detach them where nobody does
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/, VolumeAttachment). Nodes are told what is attached.
 */

import { createWorkQueue, settled } from '../../base/work-queue.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { indexedCaches } from './caches.ts'
import { LeavingAttachments } from './leaving.ts'
import { tellNode } from './node-status.ts'
import { Notices } from './notices.ts'
import { reconcileVolume } from './reconcile-volume.ts'
import { wakeOnChanges } from './wake.ts'

export function attachDetachController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const caches = indexedCaches(deps.informers)
  const notices = new Notices(deps.events('attachdetach-controller'))
  const volumeQueue = createWorkQueue(clock)
  const nodeQueue = createWorkQueue(clock)
  const leaving = new LeavingAttachments(clock)
  wakeOnChanges({ caches, volumeQueue, nodeQueue, leaving, notices })
  const parts = { client, clock, caches, leaving, notices, nodeQueue }
  const { pods, nodes, claims, volumes, attachments, drivers } = caches
  const common = { name: 'attachdetach', log, waitFor: [pods, nodes, claims, volumes, attachments, drivers] }
  const ofVolumes = loopController({
    ...common,
    queue: volumeQueue,
    reconcile: (name, signal) => reconcileVolume(parts, name, signal),
  })
  const ofNodes = loopController({
    ...common,
    queue: nodeQueue,
    async reconcile(name, signal) {
      await tellNode(parts, name, signal)
      return settled
    },
  })
  return controllersTogether('attachdetach', [ofVolumes, ofNodes])
}
