/** The ResourceClaims that a Pod uses on this node, as the API has them. */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import type { Client } from '../../client/client.ts'
import { RESOURCE_CLAIMS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isControlledBy } from '../../meta/owner.ts'
import { namesOf, type PodView } from '../pods/pod-view.ts'

/** Those that the Pod was allowed to use. Throws with Kubernetes's words where it may not, or one is missing. */
export async function claimsOf(
  pod: PodView,
  client: Client,
  signal: AbortSignal,
): Promise<readonly DeepReadonly<ResourceClaim>[]> {
  const { namespace, name: podName } = namesOf(pod)
  const uid = pod.metadata.uid ?? ''
  const claims: DeepReadonly<ResourceClaim>[] = []
  for (const { name, isMade } of claimsNamed(pod)) {
    const claim = await fetchClaim(client, { namespace, name }, signal)
    if (isMade && !isControlledBy(claim, pod)) {
      const which = `ResourceClaim ${namespace}/${name}`
      throw new Error(`${which} was not created for Pod ${namespace}/${podName} (Pod is not owner)`)
    }
    if (!(claim.status?.reservedFor ?? []).some((holder) => holder.uid === uid)) {
      const which = `ResourceClaim ${name} (${claim.metadata.uid ?? ''})`
      throw new Error(`pod ${podName} (${uid}) is not allowed to use ${which}`)
    }
    if (claim.status?.allocation === undefined) throw new Error(`ResourceClaim ${name}: not allocated`)
    claims.push(claim)
  }
  return claims
}

/**
 * Where no plugin can run: a Pod that was given devices waits, as it does on any node where the driver is not running.
 * Throws with Kubernetes's words.
 */
export async function refuseDevices(pod: PodView, client: Client, signal: AbortSignal): Promise<void> {
  const claims = await claimsOf(pod, client, signal)
  const [device] = claims.flatMap(({ status }) => status?.allocation?.devices?.results ?? [])
  if (device !== undefined) throw new Error(`prepare dynamic resources: DRA driver ${device.driver} is not registered`)
}

/** The claims that the Pod names, and the one the scheduler made for its extended resources. */
function claimsNamed(pod: PodView): readonly { readonly name: string; readonly isMade: boolean }[] {
  const { namespace, name: podName } = namesOf(pod)
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName
  const claims = podClaimsOf(pod).flatMap((podClaim) => {
    const named = claimNameOf(pod, podClaim)
    if (named === 'none') return [] // the template gave no claim, which is right at times
    if (named === 'unknown') throw new Error(`pod "${namespace}/${podName}": ResourceClaim not created yet`)
    return [named]
  })
  return extended === undefined ? claims : [...claims, { name: extended, isMade: false }]
}

async function fetchClaim(
  client: Client,
  at: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<DeepReadonly<ResourceClaim>> {
  try {
    return await client.get(RESOURCE_CLAIMS, at, signal)
  } catch (error) {
    signal.throwIfAborted()
    const words = error instanceof Error ? error.message : String(error)
    throw new Error(`fetch ResourceClaim ${at.name}: ${words}`, { cause: error })
  }
}
