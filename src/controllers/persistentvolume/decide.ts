/** What becomes of a claim or a volume (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim). Pure. */

import { SELECTED_NODE } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import {
  bestVolume,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  classOf,
  isFor,
  mismatch,
  type ReadClaim,
  type ReadVolume,
} from '../../api/core/v1/persistentvolume/match.ts'

const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

export interface Note {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export type ClaimVerdict =
  | { readonly do: 'bind'; readonly volume: ReadVolume }
  | { readonly do: 'wait'; readonly note?: Note; readonly provisioner?: string }
  | { readonly do: 'lose'; readonly note: Note }

export interface ClaimView {
  readonly claim: ReadClaim
  readonly volumes: readonly ReadVolume[]
  readonly volumeNamed: (name: string) => ReadVolume | undefined
  readonly storageClass: DeepReadonly<StorageClass> | undefined
  /** The names of the Pods that want the claim and have no node yet. */
  readonly waitingPods: () => readonly string[]
}

export function decideClaim(view: ClaimView): ClaimVerdict {
  const isBound = view.claim.metadata.annotations?.[BIND_COMPLETED] !== undefined
  return isBound ? decideBound(view) : decideUnbound(view)
}

function lose(reason: string, message: string): ClaimVerdict {
  return { do: 'lose', note: { type: 'Warning', reason, message } }
}

function decideBound({ claim, volumeNamed }: ClaimView): ClaimVerdict {
  const name = claim.spec?.volumeName ?? ''
  if (name === '') {
    return lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  }
  const volume = volumeNamed(name)
  if (volume === undefined) {
    return lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  }
  if (volume.spec?.claimRef === undefined || isFor(volume, claim)) return { do: 'bind', volume }
  return lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
}

function decideUnbound(view: ClaimView): ClaimVerdict {
  const { claim, volumes, volumeNamed } = view
  const name = claim.spec?.volumeName ?? ''
  if (name === '') {
    if (isDelayed(view) && !volumes.some((volume) => isFor(volume, claim))) {
      return { do: 'wait', note: delayNote(view.waitingPods()) }
    }
    const volume = bestVolume(claim, volumes)
    return volume === undefined ? provision(view) : { do: 'bind', volume }
  }
  const volume = volumeNamed(name)
  if (volume === undefined) return { do: 'wait' }
  if (isFor(volume, claim)) return { do: 'bind', volume }
  if (volume.spec?.claimRef !== undefined) {
    const message = `volume "${name}" already bound to a different claim.`
    return { do: 'wait', note: { type: 'Warning', reason: 'FailedBinding', message } }
  }
  const why = mismatch(volume, claim)
  if (why === undefined) return { do: 'bind', volume }
  const message = `Cannot bind to requested volume "${name}": ${why}`
  return { do: 'wait', note: { type: 'Warning', reason: 'VolumeMismatch', message } }
}

function delayNote(pods: readonly string[]): Note {
  if (pods.length === 0) {
    const message = 'waiting for first consumer to be created before binding'
    return { type: 'Normal', reason: 'WaitForFirstConsumer', message }
  }
  const message = `waiting for pod${pods.length === 1 ? '' : 's'} ${pods.join(',')} to be scheduled`
  return { type: 'Normal', reason: 'WaitForPodScheduled', message }
}

/** Whether the volume is chosen only when it is known where the first Pod runs. */
const isDelayed = ({ claim, storageClass }: ClaimView) =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer' &&
  claim.metadata.annotations?.[SELECTED_NODE] === undefined

/** Nothing suits: somebody outside makes volumes of this class, or nobody does. */
function provision({ claim, storageClass }: ClaimView): ClaimVerdict {
  if (storageClass === undefined) {
    if (classOf(claim) !== '') {
      const message = `storageclass.storage.k8s.io "${classOf(claim)}" not found`
      return { do: 'wait', note: { type: 'Warning', reason: 'ProvisioningFailed', message } }
    }
    const message = 'no persistent volumes available for this claim and no storage class is set'
    return { do: 'wait', note: { type: 'Normal', reason: 'FailedBinding', message } }
  }
  const { provisioner } = storageClass
  if (provisioner === NO_PROVISIONER) return { do: 'wait' }
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the ` +
    'system administrator. If volume creation is delayed, please verify that the provisioner is running and ' +
    'correctly registered.'
  return { do: 'wait', provisioner, note: { type: 'Normal', reason: 'ExternalProvisioning', message } }
}

export type VolumeVerdict =
  | { readonly do: 'phase'; readonly phase: 'Available' | 'Bound' | 'Released' }
  /** The reclaim policy wants it deleted, and nobody here knows how. */
  | { readonly do: 'fail'; readonly message: string }
  /** The claim is bound to another volume: this one is free again. */
  | { readonly do: 'unbind'; readonly keepsName: boolean }
  | { readonly do: 'leave' }

/** `claim` is the one the volume names, as the server has it; another one of the same name is none. */
export function decideVolume(volume: ReadVolume, claim: ReadClaim | undefined): VolumeVerdict {
  const { claimRef } = volume.spec ?? {}
  if (claimRef === undefined || claimRef.uid === undefined || claimRef.uid === '') {
    return { do: 'phase', phase: 'Available' }
  }
  if (claim === undefined || uidOf(claim) !== claimRef.uid) return reclaim(volume)
  const bound = claim.spec?.volumeName ?? ''
  if (bound === '') return { do: 'leave' } // its binding is under way
  if (bound === nameOf(volume)) return { do: 'phase', phase: 'Bound' }
  return { do: 'unbind', keepsName: volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined }
}

function reclaim(volume: ReadVolume): VolumeVerdict {
  if (volume.status?.phase !== 'Released' && volume.status?.phase !== 'Failed')
    return { do: 'phase', phase: 'Released' }
  const policy = volume.spec?.persistentVolumeReclaimPolicy ?? 'Retain'
  const isExternal = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined
  if (policy !== 'Delete' || isExternal || volume.spec?.csi !== undefined) return { do: 'leave' }
  const message = `error getting deleter volume plugin for volume "${nameOf(volume)}": no volume plugin matched`
  return volume.status.phase === 'Failed' ? { do: 'leave' } : { do: 'fail', message }
}
