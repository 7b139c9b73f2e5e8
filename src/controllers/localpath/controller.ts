/**
 * The built-in provisioner: makes a PersistentVolume, a folder of the node that the first Pod runs on, for every claim
 * of a class that asks for it (https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/).
 */

import { LOCAL_PATH_PROVISIONER } from '../../api/core/v1/persistentvolume/local-path.ts'
import { createWorkQueue } from '../../base/work-queue.ts'
import { NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../../client/resources.ts'
import { indexByClaim } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { keyOf, nameOf } from '../kit/ownership.ts'
import { claimKeysOf, type ReadPod } from '../kit/pods.ts'
import type { ReadClaim, ReadVolume } from './decide.ts'
import { reconcileClaim } from './reconcile-claim.ts'
import { reconcileVolume } from './reconcile-volume.ts'

export function localPathController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const classes = deps.informers.of(STORAGE_CLASSES)
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const claimQueue = createWorkQueue(clock)
  const volumeQueue = createWorkQueue(clock)
  const events = deps.events(LOCAL_PATH_PROVISIONER)
  indexByClaim(pods)

  const wakeClaim = (claim: ReadClaim) => {
    if ((claim.spec?.volumeName ?? '') === '') claimQueue.add(keyOf(claim))
  }
  const wakeVolume = (volume: ReadVolume) => volumeQueue.add(nameOf(volume))
  const wakeClaimsOf = (pod: ReadPod) => {
    if ((pod.spec?.nodeName ?? '') !== '') for (const key of claimKeysOf(pod)) claimQueue.add(key)
  }
  claims.on({ added: wakeClaim, updated: wakeClaim })
  volumes.on({ added: wakeVolume, updated: wakeVolume })
  classes.on({ added: () => claims.list().forEach(wakeClaim) })
  nodes.on({ deleted: () => volumes.list().forEach(wakeVolume) })
  pods.on({
    added: wakeClaimsOf,
    updated(pod, old) {
      if (pod.spec?.nodeName !== old.spec?.nodeName) wakeClaimsOf(pod)
    },
  })

  const parts = { client, events, claims, volumes, classes, nodes, pods }
  const common = { log, waitFor: [claims, volumes, classes, nodes, pods] }
  return controllersTogether('local-path', [
    loopController({
      ...common,
      name: 'local-path-claims',
      queue: claimQueue,
      reconcile: (key, signal) => reconcileClaim(parts, key, signal),
    }),
    loopController({
      ...common,
      name: 'local-path-volumes',
      queue: volumeQueue,
      reconcile: (name, signal) => reconcileVolume(parts, name, signal),
    }),
  ])
}
