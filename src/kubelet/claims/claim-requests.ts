/** Which requests of which claims a container uses. Pure. */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import { quantityValue } from '../../meta/quantity.ts'
import type { KindedContainer, PodView } from '../pods/pod-view.ts'

/** One use of a claim by a container. */
export interface ClaimRequest {
  /** The claim's own name. */
  readonly claim: string
  /** Empty: all requests of the claim. */
  readonly request: string
  /** What statuses call it, e.g. `claim:gpu/a`; absent: extended resources, which are not told there. */
  readonly resource?: string
}

export function claimRequestsOf(pod: PodView, { spec }: KindedContainer): readonly ClaimRequest[] {
  const named = (spec.resources?.claims ?? []).flatMap(({ name, request = '' }) => {
    const podClaim = podClaimsOf(pod).find((each) => each.name === name)
    const claim = podClaim === undefined ? 'none' : claimNameOf(pod, podClaim)
    if (typeof claim === 'string') return []
    return [{ claim: claim.name, request, resource: `claim:${name}${request === '' ? '' : `/${request}`}` }]
  })
  return [...named, ...extendedRequestsOf(pod, spec)]
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#extended-resource */
function extendedRequestsOf({ status }: PodView, spec: KindedContainer['spec']): readonly ClaimRequest[] {
  const { resourceClaimName: claim, requestMappings = [] } = status?.extendedResourceClaimStatus ?? {}
  if (claim === undefined) return []
  const requests = spec.resources?.requests ?? {}
  return requestMappings
    .filter(({ containerName }) => containerName === spec.name)
    .filter(
      ({ resourceName }) => Object.hasOwn(requests, resourceName) && quantityValue(requests[resourceName] ?? '0') > 0,
    )
    .map(({ requestName }) => ({ claim, request: requestName }))
}
