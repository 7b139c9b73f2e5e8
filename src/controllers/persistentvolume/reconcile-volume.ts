/** One look at one volume (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim). */

import { type Outcome, settled } from '../../base/work-queue.ts'
import { PERSISTENT_VOLUME_CLAIMS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Events } from '../kit/events.ts'
import { uidOf } from '../kit/ownership.ts'
import type { ReadClaim, ReadVolume } from '../../api/core/v1/persistentvolume/match.ts'
import { unbind } from './bind.ts'
import type { Caches } from './caches.ts'
import { decideVolume } from './decide.ts'
import { type PhaseDeps, writeVolumePhase } from './phases.ts'

export interface VolumeDeps extends PhaseDeps {
  readonly caches: Caches
  readonly events: Events
}

/** Says how the volume stands, and frees it when its claim has another one. */
export async function reconcileVolume(deps: VolumeDeps, name: string, signal: AbortSignal): Promise<Outcome> {
  const volume = deps.caches.volumes.get(name)
  if (volume === undefined) return settled
  const verdict = decideVolume(volume, await claimNamedBy(deps, volume, signal))
  switch (verdict.do) {
    case 'phase':
      await writeVolumePhase(deps, volume, { phase: verdict.phase }, signal)
      return settled
    case 'fail':
      deps.events.event(volume, 'Warning', 'VolumeFailedDelete', verdict.message)
      await writeVolumePhase(deps, volume, { phase: 'Failed', message: verdict.message }, signal)
      return settled
    case 'unbind':
      await unbind(deps.client, volume, verdict.keepsName, signal)
      return settled
    case 'leave':
      return settled
  }
}

/** Asks the server when the cache does not know it: a volume is not given up because of a slow cache. */
async function claimNamedBy(
  { client, caches }: VolumeDeps,
  { spec }: ReadVolume,
  signal: AbortSignal,
): Promise<ReadClaim | undefined> {
  const { namespace = '', name = '', uid } = spec?.claimRef ?? {}
  if (uid === undefined || uid === '') return undefined
  const cached = caches.claims.get(`${namespace}/${name}`)
  if (cached !== undefined && uidOf(cached) === uid) return cached
  try {
    return await client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, signal)
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined
    throw error
  }
}
