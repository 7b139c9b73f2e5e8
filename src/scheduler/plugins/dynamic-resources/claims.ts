/** The claims of a Pod (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates). */

import type { Pod } from '../../../api/generated/core-v1.ts'
import type { DeviceClass, ResourceClaim } from '../../../api/generated/resource-v1.ts'
import type { Lister } from '../../../client/informer.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { keyOf } from '../../../meta/keys.ts'
import { isControlledBy } from '../../../meta/owner.ts'

export type ReadClaim = DeepReadonly<ResourceClaim>
type ReadPod = DeepReadonly<Pod>

/** More Pods than these cannot share a claim. */
const MAX_RESERVED = 256

export const isAllocated = ({ status }: ReadClaim): boolean => status?.allocation !== undefined

export const isReserved = ({ status }: ReadClaim, uid: string): boolean =>
  (status?.reservedFor ?? []).some((holder) => holder.uid === uid)

/** Whether as many Pods share the claim as can. */
export const isFull = ({ status }: ReadClaim): boolean => (status?.reservedFor ?? []).length >= MAX_RESERVED

/** The claims of a Pod, or why they cannot be told. */
export function claimsOf(pod: ReadPod, claims: Pick<Lister<ResourceClaim>, 'get'>): readonly ReadClaim[] | string {
  const { name: podName = '', namespace = '' } = pod.metadata
  const found: ReadClaim[] = []
  for (const { name, resourceClaimName } of pod.spec?.resourceClaims ?? []) {
    const made = pod.status?.resourceClaimStatuses?.find((status) => status.name === name)
    if (resourceClaimName === undefined && made === undefined)
      return `pod "${namespace}/${podName}": ResourceClaim not created yet`
    const claimName = resourceClaimName ?? made?.resourceClaimName
    if (claimName === undefined) continue // the template gave no claim, which is right at times
    const claim = claims.get(`${namespace}/${claimName}`)
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${claimName}" not found`
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${claimName}" is being deleted`
    if (resourceClaimName === undefined && !isControlledBy(claim, pod))
      return `ResourceClaim ${keyOf(claim)} was not created for Pod ${namespace}/${podName} (Pod is not owner)`
    found.push(claim)
  }
  return found
}

/** Whether the Pod names the claim. */
export function namesClaim({ metadata, spec, status }: ReadPod, claim: ReadClaim): boolean {
  if (metadata.namespace !== claim.metadata.namespace) return false
  const { name: wanted } = claim.metadata
  return (spec?.resourceClaims ?? []).some(({ name, resourceClaimName }) => {
    const made = status?.resourceClaimStatuses?.find((each) => each.name === name)
    return (resourceClaimName ?? made?.resourceClaimName) === wanted
  })
}

/** What to say of the requests, in their order, whose class there is not. */
export function missingClasses({ spec }: ReadClaim, classes: Lister<DeviceClass>): readonly string[] {
  const wanted = (spec.devices?.requests ?? []).flatMap(({ name, exactly, firstAvailable = [] }) => [
    ...(exactly === undefined ? [] : [{ name, deviceClassName: exactly.deviceClassName }]),
    ...firstAvailable.map((choice) => ({ ...choice, name: `${name}/${choice.name}` })),
  ])
  return wanted
    .filter(({ deviceClassName }) => classes.get(deviceClassName) === undefined)
    .map(({ name, deviceClassName }) => `request ${name}: device class ${deviceClassName} does not exist`)
}
