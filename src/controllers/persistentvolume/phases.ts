/** Writes how claims and volumes stand (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#phase). */

import type { PersistentVolumeClaimStatus } from '../../api/generated/core-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { ReadObject } from '../kit/ownership.ts'
import { writeStatus } from '../kit/write-status.ts'
import type { ReadClaim, ReadVolume } from '../../api/core/v1/persistentvolume/match.ts'

export interface PhaseDeps {
  readonly client: Client
  readonly clock: Clock
}

/** A claim without a volume has no capacity, no modes and no attributes. Returns what was written. */
export function writeClaimPhase(
  { client }: PhaseDeps,
  claim: ReadClaim,
  phase: 'Lost' | 'Pending',
  signal: AbortSignal,
): Promise<ReadObject | undefined> {
  const {
    capacity: _capacity,
    accessModes: _modes,
    currentVolumeAttributesClassName: _attributes,
    ...others
  } = claim.status ?? {}
  const status = { ...others, phase }
  return writeStatus<object>({ client, ref: PERSISTENT_VOLUME_CLAIMS, object: claim, status }, signal)
}

/** Says in the claim that it is bound, and what it got with the volume. */
export async function writeClaimBound(
  { client }: PhaseDeps,
  claim: ReadClaim,
  volume: ReadVolume,
  signal: AbortSignal,
): Promise<void> {
  const status = boundStatus(claim, volume)
  await writeStatus<object>({ client, ref: PERSISTENT_VOLUME_CLAIMS, object: claim, status }, signal)
}

/** The status of a claim that has this volume. Pure. */
export function boundStatus({ status }: ReadClaim, { spec }: ReadVolume): DeepReadonly<PersistentVolumeClaimStatus> {
  const { capacity, accessModes, volumeAttributesClassName: attributes } = spec ?? {}
  // Once it is bound, who changes the volume tells its attributes.
  const isNew = status?.phase === 'Pending'
  return {
    ...status,
    phase: 'Bound',
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(capacity === undefined ? {} : { capacity: status?.capacity ?? capacity }),
    ...(isNew && attributes !== undefined ? { currentVolumeAttributesClassName: attributes } : {}),
  }
}

export interface VolumePhase {
  readonly phase: 'Available' | 'Bound' | 'Released' | 'Failed'
  readonly message?: string
}

/** Says in the volume how it stands, and since when; nothing where that is what it says already. */
export async function writeVolumePhase(
  { client, clock }: PhaseDeps,
  volume: ReadVolume,
  { phase, message }: VolumePhase,
  signal: AbortSignal,
): Promise<void> {
  if (volume.status?.phase === phase) return
  const text = message === undefined ? {} : { message }
  const status = { phase, lastPhaseTransitionTime: toTime(clock.now()), ...text }
  await writeStatus<object>({ client, ref: PERSISTENT_VOLUMES, object: volume, status, onConflict: 'throw' }, signal)
}
