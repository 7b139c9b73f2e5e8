/** Keeps claims that Pods use, and volumes that claims use, from being removed (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection). */

import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import { withGroup } from '../../base/async/group.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, type ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { indexOnce } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, placeOf, type ReadObject, uidOf } from '../kit/ownership.ts'
import { claimKeysOf, isFinished, type ReadPod } from '../kit/pods.ts'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'
const BY_CLAIM = 'claim'

/** A Pod that has no node yet, or has finished, uses nothing. */
const isUsing = (pod: DeepReadonly<Pod>) => (pod.spec?.nodeName ?? '') !== '' && !isFinished(pod)

export function volumeProtectionController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const pods = deps.informers.of(PODS)
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const claimQueue = createWorkQueue(clock)
  const volumeQueue = createWorkQueue(clock)
  indexOnce(pods, BY_CLAIM, claimKeysOf)
  const wakeClaims = (pod: ReadPod) => claimKeysOf(pod).forEach((key) => claimQueue.add(key))
  pods.on({
    updated(pod, old) {
      if (isUsing(old) && !isUsing(pod)) wakeClaims(pod)
    },
    deleted: wakeClaims,
  })
  const enqueueClaim = (claim: DeepReadonly<PersistentVolumeClaim>) => claimQueue.add(keyOf(claim))
  claims.on({ added: enqueueClaim, updated: enqueueClaim })
  const enqueueVolume = (volume: DeepReadonly<PersistentVolume>) => volumeQueue.add(keyOf(volume))
  volumes.on({ added: enqueueVolume, updated: enqueueVolume })

  const setFinalizer = async (
    ref: ResourceRef<KubeObject>,
    object: ReadObject,
    finalizer: string,
    isWanted: boolean,
    signal: AbortSignal,
  ): Promise<void> => {
    const finalizers = object.metadata.finalizers ?? []
    if (finalizers.includes(finalizer) === isWanted) return
    const changed = isWanted ? [...finalizers, finalizer] : finalizers.filter((name) => name !== finalizer)
    const { resourceVersion } = object.metadata
    const metadata = { uid: uidOf(object), resourceVersion, finalizers: changed.length === 0 ? null : changed }
    try {
      await client.patch(ref, placeOf(object), 'merge', { metadata }, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  /** The cache may lag behind a Pod that was just bound: the server has the last word. */
  const isUsed = async (claim: ReadObject, signal: AbortSignal): Promise<boolean> => {
    const key = keyOf(claim)
    if (pods.byIndex(BY_CLAIM, key).some(isUsing)) return true
    const { items } = await client.list(PODS, { namespace: claim.metadata.namespace ?? '' }, signal)
    return items.some((pod) => isUsing(pod) && claimKeysOf(pod).includes(key))
  }

  const reconcileClaim = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const claim = claims.get(key)
    if (claim === undefined) return settled
    const isProtected = claim.metadata.finalizers?.includes(CLAIM_FINALIZER) === true
    if (isDeleting(claim)) {
      if (isProtected && !(await isUsed(claim, signal))) {
        await setFinalizer(PERSISTENT_VOLUME_CLAIMS, claim, CLAIM_FINALIZER, false, signal)
      }
    } else await setFinalizer(PERSISTENT_VOLUME_CLAIMS, claim, CLAIM_FINALIZER, true, signal)
    return settled
  }

  const reconcileVolume = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const volume = volumes.get(key)
    if (volume === undefined) return settled
    if (!isDeleting(volume)) await setFinalizer(PERSISTENT_VOLUMES, volume, VOLUME_FINALIZER, true, signal)
    else if (volume.status?.phase !== 'Bound') {
      await setFinalizer(PERSISTENT_VOLUMES, volume, VOLUME_FINALIZER, false, signal)
    }
    return settled
  }

  const waitFor = [pods, claims, volumes]
  const { log } = deps
  const loops = [
    loopController({ name: 'pvc-protection', queue: claimQueue, reconcile: reconcileClaim, log, waitFor }),
    loopController({ name: 'pv-protection', queue: volumeQueue, reconcile: reconcileVolume, log, waitFor }),
  ]
  return {
    name: 'volume-protection',
    run: (signal) =>
      withGroup(async (group) => {
        await Promise.all(loops.map((loop) => loop.run(group.signal)))
      }, signal),
  }
}
