/** Which ResourceClaims a Pod takes (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Pod, PodResourceClaim } from '../../../generated/core-v1.ts'

type ReadPod = DeepReadonly<Pod>

export const podClaimsOf = (pod: ReadPod): readonly DeepReadonly<PodResourceClaim>[] => pod.spec?.resourceClaims ?? []

/**
 * The name of the claim that one of a Pod's claims stands for, and whether it was made for the Pod; `none` needs none,
 * `unknown` is not made yet.
 */
export function claimNameOf(
  pod: ReadPod,
  podClaim: DeepReadonly<PodResourceClaim>,
): { readonly name: string; readonly isMade: boolean } | 'none' | 'unknown' {
  if (podClaim.resourceClaimName !== undefined) return { name: podClaim.resourceClaimName, isMade: false }
  const status = pod.status?.resourceClaimStatuses?.find(({ name }) => name === podClaim.name)
  if (status === undefined) return 'unknown'
  return status.resourceClaimName === undefined ? 'none' : { name: status.resourceClaimName, isMade: true }
}
