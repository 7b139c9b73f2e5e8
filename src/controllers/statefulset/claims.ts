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
import { claimOwners, claimsOf, isLeftOver, ordinalOf, podName, type ReadStatefulSet } from './identity.ts'

export interface ClaimControlDeps {
  readonly client: Client
  readonly claims: Informer<PersistentVolumeClaim>
  readonly events: Events
}

/** Throws where a claim of an earlier Pod is on its way out: only when it is gone may a new Pod of the ordinal come. */
export function checkLeftOvers({ claims }: ClaimControlDeps, set: ReadStatefulSet, ordinal: number): void {
  for (const wanted of claimsOf(set, ordinal).values()) {
    const claim = claims.get(keyOf(wanted))
    if (claim !== undefined && isLeftOver(set, ordinal, claim)) {
      throw new Error(`pvc ${nameOf(claim)} belongs to an earlier pod`)
    }
  }
}

/** Makes what claims the ordinal lacks. A claim that is being deleted must go first. */
export async function makeClaims(
  deps: ClaimControlDeps,
  set: ReadStatefulSet,
  ordinal: number,
  signal: AbortSignal,
): Promise<void> {
  const faults: string[] = []
  for (const claim of claimsOf(set, ordinal).values()) {
    const existing = deps.claims.get(keyOf(claim))
    if (existing?.metadata.deletionTimestamp !== undefined) faults.push(`pvc ${nameOf(claim)} is being deleted`)
    if (existing !== undefined) continue
    const fault = await makeClaim(deps, { set, ordinal, claim }, signal)
    if (fault !== undefined) faults.push(fault)
  }
  const different = [...new Set(faults)]
  if (different.length > 0) throw new Error(different.length === 1 ? different[0] : `[${different.join(', ')}]`)
}

interface WantedClaim {
  readonly set: ReadStatefulSet
  readonly ordinal: number
  readonly claim: PersistentVolumeClaim
}

/** Makes one claim, and tells of it. Returns why it could not. */
async function makeClaim(
  { client, events }: ClaimControlDeps,
  { set, ordinal, claim }: WantedClaim,
  signal: AbortSignal,
): Promise<string | undefined> {
  const pod = `Pod ${podName(set, ordinal)} in StatefulSet ${nameOf(set)}`
  try {
    await client.create(PERSISTENT_VOLUME_CLAIMS, claim, undefined, signal)
    events.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${nameOf(claim)} ${pod} success`)
    return undefined
  } catch (error) {
    if (hasReason(error, 'AlreadyExists')) return undefined
    signal.throwIfAborted()
    const message = `Create Claim ${nameOf(claim)} for ${pod} failed error: ${messageOf(error)}`
    events.event(set, 'Warning', 'FailedCreate', message)
    return `failed to create PVC ${nameOf(claim)}: ${messageOf(error)}`
  }
}

/** Makes the claims of a Pod that is about to be made; what is in the way is told as a failure to make the Pod. */
export async function makeClaimsFirst(
  deps: ClaimControlDeps,
  set: ReadStatefulSet,
  ordinal: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await makeClaims(deps, set, ordinal, signal)
  } catch (error) {
    signal.throwIfAborted()
    const pod = `Create Pod ${podName(set, ordinal)} in StatefulSet ${nameOf(set)}`
    deps.events.event(set, 'Warning', 'FailedCreate', `${pod} failed error: ${messageOf(error)}`)
    throw error
  }
}

/** Gives the Pod's claims the owners they should have. */
export async function keepClaimOwners(
  { client, claims, events }: ClaimControlDeps,
  set: ReadStatefulSet,
  pod: ReadPod,
  signal: AbortSignal,
): Promise<void> {
  const ordinal = ordinalOf(set, pod)
  if (ordinal === undefined) return
  for (const wanted of claimsOf(set, ordinal).values()) {
    const claim = claims.get(keyOf(wanted))
    if (claim === undefined) continue
    const { owners, hasConflict } = claimOwners(set, pod, claim)
    if (sameJson(owners, claim.metadata.ownerReferences ?? [])) continue
    if (hasConflict) {
      const message =
        `PersistentVolumeClaim ${nameOf(claim)} has a conflicting OwnerReference that acts as a manging controller, ` +
        'the retention policy is ignored for this claim'
      events.event(set, 'Warning', 'ConflictingController', message)
    }
    const changed = { ...claim, metadata: { ...claim.metadata, ownerReferences: [...owners] } }
    await client.update(PERSISTENT_VOLUME_CLAIMS, changed, undefined, signal)
  }
}
