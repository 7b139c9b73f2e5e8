/** Keeps claims that Pods use, volumes that claims use, and classes of attributes that either has, from being removed (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection). */

import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import {
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  type ResourceRef,
  VOLUME_ATTRIBUTES_CLASSES,
} from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { indexByClaim, indexOnce, podsOfClaim } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, type ReadObject } from '../kit/ownership.ts'
import { claimKeysOf, type ReadPod } from '../kit/pods.ts'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'
const ATTRIBUTES_CLASS_FINALIZER = 'kubernetes.io/vac-protection'
const BY_ATTRIBUTES_CLASS = 'attributesClass'

/**
 * A Pod that has no node yet uses nothing. One that has finished may still have its volumes mounted, and counts until
 * it is gone; only of the claims that it owns it need not be more than shut down.
 */
const isUsing = ({ metadata, spec }: DeepReadonly<Pod>, claim: ReadObject) =>
  (spec?.nodeName ?? '') !== '' && !(metadata.deletionGracePeriodSeconds === 0 && ownsClaim(metadata.uid, claim))

const ownsClaim = (uid: string | undefined, { metadata }: ReadObject) =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid) === true

/** A claim goes only when no Pod uses it any more. */
export function claimProtectionController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const pods = deps.informers.of(PODS)
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const queue = createWorkQueue(clock)
  indexByClaim(pods)
  const wake = (pod: ReadPod) => claimKeysOf(pod).forEach((key) => queue.add(key))
  pods.on({
    updated(pod, old) {
      if (isDeleting(pod) && !isDeleting(old)) wake(pod)
    },
    deleted: wake,
  })
  const enqueue = (claim: DeepReadonly<PersistentVolumeClaim>) => queue.add(keyOf(claim))
  claims.on({ added: enqueue, updated: enqueue })

  /** The cache may lag behind a Pod that was just bound: the server has the last word. */
  const isUsed = async (claim: ReadObject, signal: AbortSignal): Promise<boolean> => {
    const key = keyOf(claim)
    if (podsOfClaim(pods, key).some((pod) => isUsing(pod, claim))) return true
    const { items } = await client.list(PODS, { namespace: claim.metadata.namespace ?? '' }, signal)
    return items.some((pod) => isUsing(pod, claim) && claimKeysOf(pod).includes(key))
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const claim = claims.get(key)
    if (claim === undefined) return settled
    const protection = { client, ref: PERSISTENT_VOLUME_CLAIMS, finalizer: CLAIM_FINALIZER }
    if (!isDeleting(claim)) await setFinalizer(protection, claim, true, signal)
    else if (isHolding(claim, CLAIM_FINALIZER) && !(await isUsed(claim, signal))) {
      await setFinalizer(protection, claim, false, signal)
    }
    return settled
  }
  return loopController({ name: 'pvc-protection', queue, reconcile, log, waitFor: [pods, claims] })
}

/** A volume goes only when no claim is bound to it any more. */
export function volumeProtectionController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const queue = createWorkQueue(clock)
  const enqueue = (volume: DeepReadonly<PersistentVolume>) => queue.add(keyOf(volume))
  volumes.on({ added: enqueue, updated: enqueue })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const volume = volumes.get(key)
    if (volume === undefined) return settled
    const protection = { client, ref: PERSISTENT_VOLUMES, finalizer: VOLUME_FINALIZER }
    const isWanted = !isDeleting(volume)
    if (isWanted || volume.status?.phase !== 'Bound') await setFinalizer(protection, volume, isWanted, signal)
    return settled
  }
  return loopController({ name: 'pv-protection', queue, reconcile, log, waitFor: [volumes] })
}

/** A class of attributes goes only when no claim and no volume names it any more. */
export function attributesClassProtectionController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const classes = deps.informers.of(VOLUME_ATTRIBUTES_CLASSES)
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const queue = createWorkQueue(clock)
  const wake = (names: readonly string[]) => names.forEach((name) => queue.add(name))
  indexOnce(claims, BY_ATTRIBUTES_CLASS, classesOfClaim)
  indexOnce(volumes, BY_ATTRIBUTES_CLASS, classesOfVolume)
  claims.on({ updated: (_, old) => wake(classesOfClaim(old)), deleted: (claim) => wake(classesOfClaim(claim)) })
  volumes.on({ updated: (_, old) => wake(classesOfVolume(old)), deleted: (volume) => wake(classesOfVolume(volume)) })
  const enqueue = (each: ReadObject) => queue.add(keyOf(each))
  classes.on({ added: enqueue, updated: enqueue })

  const isUsed = (name: string) =>
    claims.byIndex(BY_ATTRIBUTES_CLASS, name).length > 0 || volumes.byIndex(BY_ATTRIBUTES_CLASS, name).length > 0

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const found = classes.get(name)
    if (found === undefined) return settled
    const protection = { client, ref: VOLUME_ATTRIBUTES_CLASSES, finalizer: ATTRIBUTES_CLASS_FINALIZER }
    const isWanted = !isDeleting(found)
    if (isWanted || !isUsed(name)) await setFinalizer(protection, found, isWanted, signal)
    return settled
  }
  return loopController({ name: 'vac-protection', queue, reconcile, log, waitFor: [classes, claims, volumes] })
}

/** The class a claim asks for, the one it has, and the one it is about to get. */
function classesOfClaim({ spec, status }: DeepReadonly<PersistentVolumeClaim>): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names.flatMap((name) => (name === undefined || name === '' ? [] : [name])))]
}

function classesOfVolume({ spec }: DeepReadonly<PersistentVolume>): string[] {
  const name = spec?.volumeAttributesClassName ?? ''
  return name === '' ? [] : [name]
}

const isHolding = ({ metadata }: ReadObject, finalizer: string) => metadata.finalizers?.includes(finalizer) === true

interface Protection {
  readonly client: Client
  readonly ref: ResourceRef<KubeObject>
  readonly finalizer: string
}

async function setFinalizer(
  { client, ref, finalizer }: Protection,
  object: ReadObject,
  isWanted: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (isHolding(object, finalizer) === isWanted) return
  const before = object.metadata.finalizers ?? []
  const finalizers = isWanted ? [...before, finalizer] : before.filter((name) => name !== finalizer)
  try {
    await client.update(ref, { ...object, metadata: { ...object.metadata, finalizers } }, undefined, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}
