/** Which claims and volumes are looked at again when one of their world changes. */

import type { WorkQueue } from '../../base/work-queue.ts'
import { keyOf, nameOf } from '../kit/ownership.ts'
import { isFor, type ReadClaim, type ReadVolume } from '../../api/core/v1/persistentvolume/match.ts'
import { type Caches, claimsWaitingFor, volumesNaming, waitingClaims } from './caches.ts'
import type { Notices } from './notices.ts'

export interface WakeDeps {
  readonly caches: Caches
  readonly claimQueue: WorkQueue
  readonly volumeQueue: WorkQueue
  readonly notices: Notices
}

/** From now on every change adds whom it concerns to the queues. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { caches, claimQueue, volumeQueue, notices } = deps
  const claimChanged = (claim: ReadClaim) => {
    claimQueue.add(keyOf(claim))
    const { volumeName } = claim.spec ?? {}
    if (volumeName !== undefined) volumeQueue.add(volumeName)
  }
  caches.claims.on({
    added: claimChanged,
    updated: claimChanged,
    deleted(claim) {
      notices.forget(claim)
      for (const volume of volumesNaming(caches, claim)) if (isFor(volume, claim)) volumeQueue.add(nameOf(volume))
    },
  })
  const volumeChanged = (volume: ReadVolume) => wakeByVolume(deps, volume)
  caches.volumes.on({ added: volumeChanged, updated: volumeChanged, deleted: volumeChanged })
  const classChanged = () => {
    for (const claim of waitingClaims(caches)) claimQueue.add(keyOf(claim))
  }
  caches.classes.on({ added: classChanged, updated: classChanged })
}

/** A volume that is free may be what others wait for. */
function wakeByVolume({ caches, claimQueue, volumeQueue }: WakeDeps, volume: ReadVolume): void {
  volumeQueue.add(nameOf(volume))
  const { claimRef } = volume.spec ?? {}
  if (claimRef !== undefined) return claimQueue.add(`${claimRef.namespace}/${claimRef.name}`)
  for (const claim of claimsWaitingFor(caches, volume)) claimQueue.add(keyOf(claim))
}
