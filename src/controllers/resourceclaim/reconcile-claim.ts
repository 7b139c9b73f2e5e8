/** One look at one claim: who uses it still, and whether it may go. */

import { type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import { PODS, RESOURCE_CLAIMS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { isDeleting, placeOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import type { Caches } from './caches.ts'
import {
  type Consumer,
  DELETE_PROTECTION,
  isDone,
  isProtected,
  ownerOf,
  type ReadClaim,
  reservedOnlyBy,
} from './claims.ts'

export interface ClaimDeps {
  readonly client: Client
  readonly caches: Caches
}

/** Takes the claim from users that are gone; with the last of them it is free, or goes itself. */
export async function reconcileClaim(deps: ClaimDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const claim = deps.caches.claims.get(key)
  if (claim === undefined) return settled
  const remaining: Consumer[] = []
  for (const user of claim.status?.reservedFor ?? []) {
    if (await isUser(deps, claim, user, signal)) remaining.push(user)
  }
  await keepUsers(deps.client, claim, remaining, signal)
  if (remaining.length === 0) await removeUnused(deps, claim, signal)
  return settled
}

/** Whether a user may still need the claim. What the cache does not know is asked of the server. */
async function isUser(
  { client, caches }: ClaimDeps,
  claim: ReadClaim,
  user: Consumer,
  signal: AbortSignal,
): Promise<boolean> {
  if ((user.apiGroup ?? '') !== '' || user.resource !== 'pods') return true // nobody we know
  const { namespace = '' } = claim.metadata
  const place = { namespace, name: user.name }
  const pod = caches.pods.get(`${namespace}/${user.name}`) ?? (await livePod(client, place, signal))
  return pod !== undefined && uidOf(pod) === user.uid && !isDone(pod)
}

async function livePod(
  client: Client,
  place: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<ReadPod | undefined> {
  try {
    return await client.get(PODS, place, signal)
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined
    throw error
  }
}

/** Writes that only these use the claim; without its devices nothing protects it any more. */
async function keepUsers(
  client: Client,
  claim: ReadClaim,
  remaining: readonly Consumer[],
  signal: AbortSignal,
): Promise<void> {
  const hasLost = remaining.length < (claim.status?.reservedFor ?? []).length
  const isUnused = remaining.length === 0
  if (!hasLost && !(isUnused && isDeleting(claim) && isProtected(claim))) return
  const isHeld = hasLost || claim.status?.allocation !== undefined
  const freed = isHeld
    ? await client.updateStatus(RESOURCE_CLAIMS, reservedOnlyBy(claim, remaining), undefined, signal)
    : claim
  if (isUnused && freed.status?.allocation === undefined) await letGo(client, freed, signal)
}

async function letGo(client: Client, claim: ReadClaim, signal: AbortSignal): Promise<void> {
  if (!isProtected(claim)) return
  const finalizers = claim.metadata.finalizers?.filter((one) => one !== DELETE_PROTECTION) ?? []
  const freed = { ...claim, metadata: { ...claim.metadata, finalizers } }
  await client.update(RESOURCE_CLAIMS, freed, undefined, signal)
}

/** What was made for a Pod that will not run goes before the Pod does. */
async function removeUnused({ client, caches }: ClaimDeps, claim: ReadClaim, signal: AbortSignal): Promise<void> {
  const owner = ownerOf(claim)
  const pod = owner === undefined ? undefined : caches.pods.get(`${claim.metadata.namespace}/${owner.name}`)
  if (pod === undefined || isDeleting(claim)) return // the garbage collector has the rest
  if (uidOf(pod) === owner?.uid && !isDone(pod)) return
  try {
    await client.delete(RESOURCE_CLAIMS, placeOf(claim), { preconditions: { uid: uidOf(claim) } }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}
