/** Which PersistentVolume suits a claim (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding). Pure. */

import type { PersistentVolume, PersistentVolumeClaim } from '../../../generated/core-v1.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { selectorOf } from '../../../../meta/label-selector.ts'
import { cmpQuantity } from '../../../../meta/quantity.ts'

export type ReadClaim = DeepReadonly<PersistentVolumeClaim>
export type ReadVolume = DeepReadonly<PersistentVolume>

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

export const classOf = ({ spec }: { readonly spec?: { readonly storageClassName?: string } }): string =>
  spec?.storageClassName ?? ''

const nameOf = ({ metadata }: ReadClaim | ReadVolume): string => metadata.name ?? ''

/** Whether the volume was set aside for the claim, or is bound to it. */
export function isFor(volume: ReadVolume, claim: ReadClaim): boolean {
  const { claimRef } = volume.spec ?? {}
  if (claimRef === undefined) return false
  const isNamed = claimRef.name === nameOf(claim) && claimRef.namespace === claim.metadata.namespace
  return isNamed && (claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === claim.metadata.uid)
}

/** Why the volume cannot serve the claim; undefined when it can. */
export function mismatch(volume: ReadVolume, claim: ReadClaim): string | undefined {
  const wanted = claim.spec?.resources?.requests?.storage ?? '0'
  if (cmpQuantity(volume.spec?.capacity?.storage ?? '0', wanted) < 0) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if ((volume.spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '')) {
    return 'volumeAttributesClassName does not match'
  }
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) {
    return 'incompatible volumeMode'
  }
  const modes = volume.spec?.accessModes ?? []
  if (!(claim.spec?.accessModes ?? []).every((mode) => modes.includes(mode))) return 'incompatible accessMode'
  return undefined
}

/** The volume set aside for the claim, or the smallest free one that suits it. */
export function bestVolume(claim: ReadClaim, volumes: readonly ReadVolume[]): ReadVolume | undefined {
  const selector = selectorOf(claim.spec?.selector ?? {})
  const suits = (volume: ReadVolume) =>
    mismatch(volume, claim) === undefined && volume.metadata.deletionTimestamp === undefined
  const reserved = volumes.find((volume) => isFor(volume, claim) && suits(volume))
  if (reserved !== undefined) return reserved
  const free = volumes.filter(
    (volume) =>
      volume.spec?.claimRef === undefined &&
      volume.status?.phase === 'Available' &&
      suits(volume) &&
      selector.matches(volume.metadata.labels),
  )
  const size = (volume: ReadVolume) => volume.spec?.capacity?.storage ?? '0'
  return free.toSorted((a, b) => cmpQuantity(size(a), size(b)) || (nameOf(a) < nameOf(b) ? -1 : 1))[0]
}
