/** Looks at a Pod's claims once, before any node: whether they are there, and which wait for a volume. */

import { keyOf } from '../../../meta/keys.ts'
import { isControlledBy } from '../../../meta/owner.ts'
import { claimsOf, type NamedClaim, type ReadClaim, type VolumeListers } from '../../framework/pod-claims.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { isBound } from './bind-claims.ts'

export interface SortedClaims {
  readonly bound: readonly ReadClaim[]
  readonly unbound: readonly ReadClaim[]
}

/** The Pod's claims, or why they keep it from every node; undefined when it has none. */
export function sortClaims(pod: PodInfo, listers: VolumeListers): SortedClaims | string | undefined {
  const named = claimsOf(pod, listers.claims)
  if (named.length === 0) return undefined
  const fault = named.map((claim) => faultOf(claim, pod)).find((text) => text !== undefined)
  if (fault !== undefined) return fault
  const claims = named.flatMap(({ claim }) => (claim === undefined ? [] : [claim]))
  const unbound = claims.filter((claim) => !isBound(claim))
  if (unbound.some((claim) => !waitsForPod(claim, listers))) {
    return 'pod has unbound immediate PersistentVolumeClaims'
  }
  return { bound: claims.filter(isBound), unbound }
}

function waitsForPod({ spec }: ReadClaim, { classes }: VolumeListers): boolean {
  if ((spec?.volumeName ?? '') !== '') return false
  return classes.get(spec?.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer'
}

function faultOf({ name, isEphemeral, claim }: NamedClaim, { pod }: PodInfo): string | undefined {
  if (claim === undefined) {
    const waits = `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    return isEphemeral ? waits : `persistentvolumeclaim "${name}" not found`
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
  if (isEphemeral && !isControlledBy(claim, pod))
    return `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`
  return undefined
}
