/** Binds PersistentVolumeClaims to PersistentVolumes, and says in both how they stand (https://kubernetes.io/docs/concepts/storage/persistent-volumes/). */

import { createWorkQueue } from '../../base/work-queue.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { indexedCaches } from './caches.ts'
import { Notices } from './notices.ts'
import { reconcileClaim } from './reconcile-claim.ts'
import { reconcileVolume } from './reconcile-volume.ts'
import { wakeOnChanges } from './wake.ts'

export function persistentVolumeController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const caches = indexedCaches(deps.informers)
  const claimQueue = createWorkQueue(clock)
  const volumeQueue = createWorkQueue(clock)
  const events = deps.events('persistentvolume-controller')
  const notices = new Notices(clock)
  wakeOnChanges({ caches, claimQueue, volumeQueue, notices })
  const parts = { client, clock, caches, events, notices }
  const { claims, volumes, classes, pods } = caches
  // One worker each: two claims must not take one volume.
  const common = { log, waitFor: [claims, volumes, classes, pods], workers: 1 }
  return controllersTogether('persistentvolume', [
    loopController({
      ...common,
      name: 'persistentvolume-claims',
      queue: claimQueue,
      reconcile: (key, signal) => reconcileClaim(parts, key, signal),
    }),
    loopController({
      ...common,
      name: 'persistentvolume-volumes',
      queue: volumeQueue,
      reconcile: (name, signal) => reconcileVolume(parts, name, signal),
    }),
  ])
}
