/** The claims of a Pod (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates). */

import { claimNameOf, podClaimsOf } from '../../../api/core/v1/pod/resource-claims.ts'
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
  for (const podClaim of podClaimsOf(pod)) {
    const named = claimNameOf(pod, podClaim)
    if (named === 'unknown') return `pod "${namespace}/${podName}": ResourceClaim not created yet`
    if (named === 'none') continue // the template gave no claim, which is right at times
    const { name, isMade } = named
    const claim = claims.get(`${namespace}/${name}`)
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${name}" not found`
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${name}" is being deleted`
    if (isMade && !isControlledBy(claim, pod))
      return `ResourceClaim ${keyOf(claim)} was not created for Pod ${namespace}/${podName} (Pod is not owner)`
    found.push(claim)
  }
  return found
}

/** Whether the Pod names the claim. */
export function namesClaim(pod: ReadPod, { metadata }: ReadClaim): boolean {
  if (pod.metadata.namespace !== metadata.namespace) return false
  const names = podClaimsOf(pod).map((podClaim) => claimNameOf(pod, podClaim))
  return names.some((named) => typeof named !== 'string' && named.name === metadata.name)
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
