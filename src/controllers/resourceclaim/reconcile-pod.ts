/** One look at one Pod with claims: it gets those it lacks, and the use of those it has. */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import { type Outcome, settled } from '../../base/work-queue.ts'
import { RESOURCE_CLAIMS } from '../../client/resources.ts'
import { isDeleting, keyOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { claimNamed } from './caches.ts'
import { canReserve, isDone, isFor, isReservedFor, reservedAlso } from './claims.ts'
import { type ProvideDeps, provideClaims } from './provide.ts'

export async function reconcilePod(deps: ProvideDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const pod = deps.caches.pods.get(key)
  if (pod === undefined || isDeleting(pod) || isDone(pod)) return settled
  await provideClaims(deps, pod, signal)
  const hasNode = (pod.spec?.nodeName ?? '') !== ''
  if (hasNode) await reserve(deps, pod, signal) // for all others the scheduler reserves
  return settled
}

/** Reserves the allocated claims of a Pod whose node somebody else chose; the first that is not there ends it. */
async function reserve({ client, caches }: ProvideDeps, pod: ReadPod, signal: AbortSignal): Promise<void> {
  for (const podClaim of podClaimsOf(pod)) {
    const named = claimNameOf(pod, podClaim)
    if (typeof named === 'string') continue
    const claim = claimNamed(caches, pod, named.name)
    if (claim === undefined) return
    if (named.isMade && !isFor(claim, pod)) {
      throw new Error(`ResourceClaim ${keyOf(claim)} is not for pod ${keyOf(pod)}`)
    }
    if (!isReservedFor(claim, pod) && canReserve(claim)) {
      await client.updateStatus(RESOURCE_CLAIMS, reservedAlso(claim, pod), undefined, signal)
    }
  }
}
