/** Binds PersistentVolumeClaims to PersistentVolumes, and says in both how they stand (https://kubernetes.io/docs/concepts/storage/persistent-volumes/). */

import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../../client/resources.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { indexByClaim, indexOnce, podsOfClaim } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, nameOf, uidOf } from '../kit/ownership.ts'
import { isFinished } from '../kit/pods.ts'
import { writeStatus } from '../kit/write-status.ts'
import { decideClaim, decideVolume, type Note } from './decide.ts'
import { Notices, RESYNC_MS } from './notices.ts'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  isFor,
  type ReadClaim,
  type ReadVolume,
} from '../../api/core/v1/persistentvolume/match.ts'

const PROVISIONER_KEYS = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner']
const BY_CLAIM = 'claimRef'
const FREE = 'freeByClass'
const WAITING = 'waiting'
const ALL = 'all'
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class'

export function persistentVolumeController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const classes = deps.informers.of(STORAGE_CLASSES)
  const pods = deps.informers.of(PODS)
  const claimQueue = createWorkQueue(clock)
  const volumeQueue = createWorkQueue(clock)
  const events = deps.events('persistentvolume-controller')
  const notices = new Notices(clock)

  indexByClaim(pods)
  /** The names of the Pods that want the claim and have no node yet. */
  const waitingPods = (key: string) =>
    podsOfClaim(pods, key)
      .filter((pod) => (pod.spec?.nodeName ?? '') === '' && !isFinished(pod))
      .map(nameOf)
  indexOnce(volumes, BY_CLAIM, ({ spec }) =>
    spec?.claimRef === undefined ? [] : [`${spec.claimRef.namespace}/${spec.claimRef.name}`],
  )
  indexOnce(volumes, FREE, ({ spec }) => (spec?.claimRef === undefined ? [spec?.storageClassName ?? ''] : []))
  indexOnce(claims, WAITING, ({ spec, status }) => {
    if (status?.phase === 'Bound') return []
    const { volumeName = '', storageClassName = '' } = spec ?? {}
    return [ALL, `class ${storageClassName}`, ...(volumeName === '' ? [] : [`volume ${volumeName}`])]
  })
  const volumesNaming = (claim: ReadClaim) => volumes.byIndex(BY_CLAIM, keyOf(claim))
  /** Wakes the claims without a volume, of one sort or all. */
  const wakeWaiting = (sort: string) => {
    for (const claim of claims.byIndex(WAITING, sort)) claimQueue.add(keyOf(claim))
  }
  const wakeClaim = (claim: ReadClaim) => {
    claimQueue.add(keyOf(claim))
    const { volumeName } = claim.spec ?? {}
    if (volumeName !== undefined) volumeQueue.add(volumeName)
  }
  claims.on({
    added: wakeClaim,
    updated: wakeClaim,
    deleted(claim) {
      notices.forget(claim)
      for (const volume of volumesNaming(claim)) if (isFor(volume, claim)) volumeQueue.add(nameOf(volume))
    },
  })
  const wakeVolume = (volume: ReadVolume) => {
    volumeQueue.add(nameOf(volume))
    const { claimRef } = volume.spec ?? {}
    if (claimRef === undefined) {
      wakeWaiting(`class ${volume.spec?.storageClassName ?? ''}`)
      wakeWaiting(`volume ${nameOf(volume)}`)
    } else claimQueue.add(`${claimRef.namespace}/${claimRef.name}`)
  }
  volumes.on({ added: wakeVolume, updated: wakeVolume, deleted: wakeVolume })
  const wakeAll = () => wakeWaiting(ALL)
  classes.on({ added: wakeAll, updated: wakeAll })

  const say = (object: ReadClaim | ReadVolume, note: Note | undefined) => {
    if (note !== undefined) events.event(object, note.type, note.reason, note.message)
  }

  const reconcileClaim = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const cached = claims.get(key)
    if (cached === undefined) return settled
    const claim = await withDefaultClass(cached, signal)
    const className = claim.spec?.storageClassName ?? ''
    const verdict = decideClaim({
      claim,
      volumes: [...volumesNaming(claim), ...volumes.byIndex(FREE, className)],
      volumeNamed: (name) => volumes.get(name),
      storageClass: className === '' ? undefined : classes.get(className),
      waitingPods: () => waitingPods(key),
    })
    switch (verdict.do) {
      case 'bind':
        if (!isDeleting(claim) || claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) {
          await bind(claim, verdict.volume, signal)
        }
        return settled
      case 'lose': {
        if (claim.status?.phase !== 'Lost') say(claim, verdict.note)
        await writeClaimPhase(claim, 'Lost', signal)
        return settled
      }
      case 'wait': {
        if (verdict.note !== undefined && notices.isDue(claim)) say(claim, verdict.note)
        const asked = await askProvisioner(claim, verdict.provisioner, signal)
        notices.wrote((await writeClaimPhase(asked, 'Pending', signal)) ?? asked)
        return verdict.note === undefined ? settled : again(RESYNC_MS)
      }
    }
  }

  /** A claim without a volume has no capacity, no modes and no attributes. */
  const writeClaimPhase = (claim: ReadClaim, phase: 'Lost' | 'Pending', signal: AbortSignal) => {
    const {
      capacity: _capacity,
      accessModes: _modes,
      currentVolumeAttributesClassName: _attributes,
      ...others
    } = claim.status ?? {}
    const status = { ...others, phase }
    return writeStatus<object>({ client, ref: PERSISTENT_VOLUME_CLAIMS, object: claim, status }, signal)
  }

  /** A claim that says nothing about its class gets the default one, also when that is made later. */
  const withDefaultClass = async (claim: ReadClaim, signal: AbortSignal): Promise<ReadClaim> => {
    if (claim.spec?.storageClassName !== undefined || (claim.spec?.volumeName ?? '') !== '') return claim
    const chosen = defaultClass(classes.list())
    if (chosen === undefined || isDeleting(claim)) return claim
    const spec = { ...claim.spec, storageClassName: nameOf(chosen) }
    return client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, spec }, undefined, signal)
  }

  const askProvisioner = async (claim: ReadClaim, provisioner: string | undefined, signal: AbortSignal) => {
    const isAsked = PROVISIONER_KEYS.every((key) => claim.metadata.annotations?.[key] === provisioner)
    if (provisioner === undefined || isAsked) return claim
    const asked = Object.fromEntries(PROVISIONER_KEYS.map((key) => [key, provisioner]))
    const metadata = { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...asked } }
    return client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, metadata }, undefined, signal)
  }

  /** In this order: the volume names the claim, the claim names the volume. Each step is safe to repeat. */
  const bind = async (claim: ReadClaim, volume: ReadVolume, signal: AbortSignal): Promise<void> => {
    const bound = await bindVolume(volume, claim, signal)
    await writeVolumePhase(bound, 'Bound', signal)
    const completed = await bindClaim(claim, bound, signal)
    const { capacity, accessModes, volumeAttributesClassName: attributes } = bound.spec ?? {}
    // Once it is bound, who changes the volume tells its attributes.
    const isNew = completed.status?.phase === 'Pending'
    const status = {
      ...completed.status,
      phase: 'Bound' as const,
      ...(accessModes === undefined ? {} : { accessModes }),
      ...(capacity === undefined ? {} : { capacity: completed.status?.capacity ?? capacity }),
      ...(isNew && attributes !== undefined ? { currentVolumeAttributesClassName: attributes } : {}),
    }
    await writeStatus<object>({ client, ref: PERSISTENT_VOLUME_CLAIMS, object: completed, status }, signal)
  }

  const bindVolume = async (volume: ReadVolume, claim: ReadClaim, signal: AbortSignal): Promise<ReadVolume> => {
    if (volume.spec?.claimRef?.uid === uidOf(claim)) return volume
    const draft = draftOf<PersistentVolume>(volume)
    const { resourceVersion = '' } = claim.metadata
    if (volume.spec?.claimRef === undefined) {
      draft.metadata.annotations = { ...draft.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' }
    }
    const place = { namespace: claim.metadata.namespace ?? '', name: nameOf(claim) }
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', ...place, uid: uidOf(claim), resourceVersion }
    draft.spec = { ...draft.spec, claimRef }
    return client.update(PERSISTENT_VOLUMES, draft, undefined, signal)
  }

  const bindClaim = async (claim: ReadClaim, volume: ReadVolume, signal: AbortSignal): Promise<ReadClaim> => {
    const annotations = claim.metadata.annotations ?? {}
    if (claim.spec?.volumeName === nameOf(volume) && annotations[BIND_COMPLETED] !== undefined) return claim
    const draft = draftOf<PersistentVolumeClaim>(claim)
    const isOurs = (claim.spec?.volumeName ?? '') === ''
    draft.metadata.annotations = {
      ...annotations,
      [BIND_COMPLETED]: 'yes',
      ...(isOurs ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}),
    }
    draft.spec = { ...draft.spec, volumeName: nameOf(volume) }
    return client.update(PERSISTENT_VOLUME_CLAIMS, draft, undefined, signal)
  }

  const writeVolumePhase = async (
    volume: ReadVolume,
    phase: 'Available' | 'Bound' | 'Released' | 'Failed',
    signal: AbortSignal,
    message?: string,
  ): Promise<void> => {
    if (volume.status?.phase === phase) return
    const text = message === undefined ? {} : { message }
    const status = { phase, lastPhaseTransitionTime: toTime(clock.now()), ...text }
    await writeStatus<object>({ client, ref: PERSISTENT_VOLUMES, object: volume, status, onConflict: 'throw' }, signal)
  }

  const reconcileVolume = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const volume = volumes.get(name)
    if (volume === undefined) return settled
    const verdict = decideVolume(volume, await claimNamedBy(volume, signal))
    switch (verdict.do) {
      case 'phase':
        await writeVolumePhase(volume, verdict.phase, signal)
        return settled
      case 'fail':
        events.event(volume, 'Warning', 'VolumeFailedDelete', verdict.message)
        await writeVolumePhase(volume, 'Failed', signal, verdict.message)
        return settled
      case 'unbind':
        await unbind(volume, verdict.keepsName, signal)
        return settled
      case 'leave':
        return settled
    }
  }

  /** Asks the server when the cache does not know it: a volume is not given up because of a slow cache. */
  const claimNamedBy = async ({ spec }: ReadVolume, signal: AbortSignal): Promise<ReadClaim | undefined> => {
    const { namespace = '', name = '', uid } = spec?.claimRef ?? {}
    if (uid === undefined || uid === '') return undefined
    const cached = claims.get(`${namespace}/${name}`)
    if (cached !== undefined && uidOf(cached) === uid) return cached
    try {
      return await client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, signal)
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  const unbind = async (volume: ReadVolume, keepsName: boolean, signal: AbortSignal): Promise<void> => {
    const draft = draftOf<PersistentVolume>(volume)
    delete draft.metadata.annotations?.[BOUND_BY_CONTROLLER]
    if (keepsName) delete draft.spec?.claimRef?.uid
    else delete draft.spec?.claimRef
    await client.update(PERSISTENT_VOLUMES, draft, undefined, signal)
  }

  const waitFor = [claims, volumes, classes, pods]
  const loops = [
    loopController({
      name: 'persistentvolume-claims',
      queue: claimQueue,
      reconcile: reconcileClaim,
      log: deps.log,
      waitFor,
      workers: 1, // two claims must not take one volume
    }),
    loopController({
      name: 'persistentvolume-volumes',
      queue: volumeQueue,
      reconcile: reconcileVolume,
      log: deps.log,
      waitFor,
      workers: 1,
    }),
  ]
  return controllersTogether('persistentvolume', loops)
}

/** The newest of the classes marked as default. */
export function defaultClass(classes: readonly DeepReadonly<StorageClass>[]): DeepReadonly<StorageClass> | undefined {
  const created = (item: DeepReadonly<StorageClass>) => fromTime(item.metadata.creationTimestamp) ?? 0
  return classes
    .filter(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true')
    .toSorted((a, b) => created(b) - created(a) || (nameOf(a) < nameOf(b) ? -1 : 1))[0]
}
