/** Makes the PersistentVolumeClaims of a StatefulSet's Pods, and keeps their owners as the retention policy wants. */

import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/informer.ts'
import { PERSISTENT_VOLUME_CLAIMS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import type { Events } from '../kit/events.ts'
import { keyOf, nameOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { claimOwners, claimsOf, ordinalOf, podName, type ReadStatefulSet } from './identity.ts'

export interface ClaimControlDeps {
  readonly client: Client
  readonly claims: Informer<PersistentVolumeClaim>
  readonly events: Events
}

/** Makes what claims the ordinal lacks. A claim that is being deleted must go first. */
export async function makeClaims(
  { client, claims, events }: ClaimControlDeps,
  set: ReadStatefulSet,
  ordinal: number,
  signal: AbortSignal,
): Promise<void> {
  for (const claim of claimsOf(set, ordinal).values()) {
    const existing = claims.get(keyOf(claim))
    if (existing?.metadata.deletionTimestamp !== undefined) {
      throw new Error(`pvc ${nameOf(claim)} is being deleted`)
    }
    if (existing !== undefined) continue
    const what = `Pod ${podName(set, ordinal)} in StatefulSet ${nameOf(set)}`
    try {
      await client.create(PERSISTENT_VOLUME_CLAIMS, claim, undefined, signal)
      events.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${nameOf(claim)} ${what} success`)
    } catch (error) {
      if (hasReason(error, 'AlreadyExists')) continue
      signal.throwIfAborted()
      events.event(
        set,
        'Warning',
        'FailedCreate',
        `Create Claim ${nameOf(claim)} for ${what} failed error: ${messageOf(error)}`,
      )
      throw error
    }
  }
}

/** Gives the Pod's claims the owners they should have. */
export async function keepClaimOwners(
  { client, claims }: ClaimControlDeps,
  set: ReadStatefulSet,
  pod: ReadPod,
  signal: AbortSignal,
): Promise<void> {
  const ordinal = ordinalOf(set, pod)
  if (ordinal === undefined) return
  for (const wanted of claimsOf(set, ordinal).values()) {
    const claim = claims.get(keyOf(wanted))
    if (claim === undefined) continue
    const owners = claimOwners(set, pod, claim)
    if (sameJson(owners, claim.metadata.ownerReferences ?? [])) continue
    const changed = { ...claim, metadata: { ...claim.metadata, ownerReferences: [...owners] } }
    await client.update(PERSISTENT_VOLUME_CLAIMS, changed, undefined, signal)
  }
}
