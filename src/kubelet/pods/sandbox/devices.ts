/**
 * Devices that a Pod's resource claims were given. A driver's plugin would prepare them; none can register here, so a
 * Pod that was given devices waits, as it does on any node where the driver is not running
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */

import { claimNameOf, podClaimsOf } from '../../../api/core/v1/pod/resource-claims.ts'
import type { ResourceClaim } from '../../../api/generated/resource-v1.ts'
import type { Client } from '../../../client/client.ts'
import { RESOURCE_CLAIMS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { isControlledBy } from '../../../meta/owner.ts'
import { namesOf, type PodView } from '../pod-view.ts'

/** Finds out that the Pod needs no devices. Throws with Kubernetes's words where it does, or may not have them. */
export async function prepareDevices(pod: PodView, client: Client, signal: AbortSignal): Promise<void> {
  const { namespace, name: podName } = namesOf(pod)
  const uid = pod.metadata.uid ?? ''
  for (const { name, isMade } of claimsNamed(pod)) {
    const claim = await fetchClaim(client, { namespace, name }, signal)
    if (isMade && !isControlledBy(claim, pod)) {
      const which = `ResourceClaim ${namespace}/${name}`
      throw new Error(`${which} was not created for Pod ${namespace}/${podName} (Pod is not owner)`)
    }
    const { reservedFor = [], allocation } = claim.status ?? {}
    if (!reservedFor.some((holder) => holder.uid === uid)) {
      const which = `ResourceClaim ${name} (${claim.metadata.uid ?? ''})`
      throw new Error(`pod ${podName} (${uid}) is not allowed to use ${which}`)
    }
    const [device] = allocation?.devices?.results ?? []
    if (device !== undefined) throw new Error(`DRA driver ${device.driver} is not registered`)
  }
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
  return extended === undefined ? claims : [...claims, { name: extended, isMade: true }]
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
