/** Joins a claim and a volume, and parts them (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding). */

import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  type ReadClaim,
  type ReadVolume,
} from '../../api/core/v1/persistentvolume/match.ts'
import { type PhaseDeps, writeClaimBound, writeVolumePhase } from './phases.ts'

/** In this order: the volume names the claim, the claim names the volume. Each step is safe to repeat. */
export async function bind(deps: PhaseDeps, claim: ReadClaim, volume: ReadVolume, signal: AbortSignal): Promise<void> {
  const { client } = deps
  const given = givenTo(claim, volume)
  const bound = given === undefined ? volume : await client.update(PERSISTENT_VOLUMES, given, undefined, signal)
  await writeVolumePhase(deps, bound, { phase: 'Bound' }, signal)
  const having = withVolume(claim, bound)
  const completed =
    having === undefined ? claim : await client.update(PERSISTENT_VOLUME_CLAIMS, having, undefined, signal)
  await writeClaimBound(deps, completed, bound, signal)
}

/** The volume as it names the claim; undefined when it does already. Pure. */
export function givenTo(claim: ReadClaim, volume: ReadVolume): PersistentVolume | undefined {
  if (volume.spec?.claimRef?.uid === uidOf(claim)) return undefined
  const draft = draftOf<PersistentVolume>(volume)
  const { resourceVersion = '' } = claim.metadata
  if (volume.spec?.claimRef === undefined) {
    draft.metadata.annotations = { ...draft.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' }
  }
  const place = { namespace: claim.metadata.namespace ?? '', name: nameOf(claim) }
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', ...place, uid: uidOf(claim), resourceVersion }
  draft.spec = { ...draft.spec, claimRef }
  return draft
}

/** The claim as it names the volume; undefined when it does already. Pure. */
export function withVolume(claim: ReadClaim, volume: ReadVolume): PersistentVolumeClaim | undefined {
  const annotations = claim.metadata.annotations ?? {}
  if (claim.spec?.volumeName === nameOf(volume) && annotations[BIND_COMPLETED] !== undefined) return undefined
  const draft = draftOf<PersistentVolumeClaim>(claim)
  const isOurs = (claim.spec?.volumeName ?? '') === ''
  draft.metadata.annotations = {
    ...annotations,
    [BIND_COMPLETED]: 'yes',
    ...(isOurs ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}),
  }
  draft.spec = { ...draft.spec, volumeName: nameOf(volume) }
  return draft
}

/** Makes the volume free again; where its maker named the claim, only the claim's uid goes. */
export async function unbind(
  client: Client,
  volume: ReadVolume,
  keepsName: boolean,
  signal: AbortSignal,
): Promise<void> {
  const draft = draftOf<PersistentVolume>(volume)
  delete draft.metadata.annotations?.[BOUND_BY_CONTROLLER]
  if (keepsName) delete draft.spec?.claimRef?.uid
  else delete draft.spec?.claimRef
  await client.update(PERSISTENT_VOLUMES, draft, undefined, signal)
}
