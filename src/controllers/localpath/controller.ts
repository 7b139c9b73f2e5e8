/**
 * The built-in provisioner: makes a PersistentVolume, a folder of the node that the first Pod runs on, for every claim
 * of a class that asks for it (https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/).
 */

import {
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_PROVISIONER,
  SELECTED_NODE,
} from '../../api/core/v1/persistentvolume/local-path.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { indexByClaim, podsOfClaim } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { keyOf, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import { claimKeysOf, isFinished, type ReadPod } from '../kit/pods.ts'
import { decideClaim, decideVolume, type ReadClaim, type ReadVolume, volumeNameFor } from './decide.ts'

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

  const isOpen = ({ spec }: ReadClaim) => (spec?.volumeName ?? '') === ''
  const wakeClaim = (claim: ReadClaim) => {
    if (isOpen(claim)) claimQueue.add(keyOf(claim))
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

  /** What the scheduler chose; or, for a Pod that was given its node by hand, where that is. */
  const nodeOf = (claim: ReadClaim): string | undefined => {
    const chosen = claim.metadata.annotations?.[SELECTED_NODE]
    if (chosen !== undefined && chosen !== '') return chosen
    const bound = podsOfClaim(pods, keyOf(claim)).find((pod) => (pod.spec?.nodeName ?? '') !== '' && !isFinished(pod))
    return bound?.spec?.nodeName
  }

  const refuse = (claim: ReadClaim, why: string) => {
    const named = JSON.stringify(claim.spec?.storageClassName ?? '')
    const message = `failed to provision volume with StorageClass ${named}: ${why}`
    events.event(claim, 'Warning', 'ProvisioningFailed', message)
  }

  const reconcileClaim = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const claim = claims.get(key)
    if (claim === undefined || volumes.get(volumeNameFor(claim)) !== undefined) return settled
    const nodeName = nodeOf(claim)
    const storageClass = classes.get(claim.spec?.storageClassName ?? '')
    const node = nodeName === undefined ? undefined : nodes.get(nodeName)
    const verdict = decideClaim({ claim, storageClass, nodeName, node })
    switch (verdict.do) {
      case 'leave':
        return settled
      case 'refuse':
        refuse(claim, verdict.why)
        return settled
      case 'reselect': {
        refuse(claim, verdict.why)
        if (claim.metadata.annotations?.[SELECTED_NODE] === undefined) return settled
        const { resourceVersion } = claim.metadata
        const body = { metadata: { uid: uidOf(claim), resourceVersion, annotations: { [SELECTED_NODE]: null } } }
        await client.patch(PERSISTENT_VOLUME_CLAIMS, placeOf(claim), 'merge', body, undefined, signal)
        return settled
      }
      case 'make': {
        const told = `External provisioner is provisioning volume for claim "${key}"`
        events.event(claim, 'Normal', 'Provisioning', told)
        try {
          await client.create(PERSISTENT_VOLUMES, verdict.volume, undefined, signal)
        } catch (error) {
          if (hasReason(error, 'AlreadyExists')) return settled
          signal.throwIfAborted()
          refuse(claim, messageOf(error))
          throw error
        }
        const done = `Successfully provisioned volume ${volumeNameFor(claim)}`
        events.event(claim, 'Normal', 'ProvisioningSucceeded', done)
        return settled
      }
    }
  }

  const reconcileVolume = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const volume = volumes.get(name)
    if (volume === undefined) return settled
    const { uid = '', resourceVersion, finalizers = [] } = volume.metadata
    try {
      switch (decideVolume(volume, (node) => nodes.get(node) !== undefined)) {
        case 'leave':
          break
        case 'delete':
          await client.delete(PERSISTENT_VOLUMES, { name }, { preconditions: { uid } }, signal)
          break
        case 'forget': {
          const left = finalizers.filter((finalizer) => finalizer !== LOCAL_PATH_FINALIZER)
          const body = { metadata: { uid, resourceVersion, finalizers: left.length === 0 ? null : left } }
          await client.patch(PERSISTENT_VOLUMES, { name }, 'merge', body, undefined, signal)
        }
      }
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
    return settled
  }

  const waitFor = [claims, volumes, classes, nodes, pods]
  const loops = [
    loopController({ name: 'local-path-claims', queue: claimQueue, reconcile: reconcileClaim, log, waitFor }),
    loopController({ name: 'local-path-volumes', queue: volumeQueue, reconcile: reconcileVolume, log, waitFor }),
  ]
  return controllersTogether('local-path', loops)
}
