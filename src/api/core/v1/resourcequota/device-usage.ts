/** The devices that a ResourceClaim may come to hold, by their classes (https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-device-class). */

import { fromTime } from '../../../../base/clock.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { controllerOf } from '../../../../meta/owner.ts'
import { cmpQuantity, formatQuantity, subQuantity } from '../../../../meta/quantity.ts'
import type { OwnerReference } from '../../../../meta/types.ts'
import type { Pod } from '../../../generated/core-v1.ts'
import type { DeviceRequest, DeviceSubRequest, ResourceClaim } from '../../../generated/resource-v1.ts'

/** Names of amounts by class end so. */
export const OF_DEVICE_CLASS = '.deviceclass.resource.k8s.io/devices'

/** Pods may ask for a class's devices under this name and the class's, as for any resource. */
export const AS_RESOURCE = 'deviceclass.resource.kubernetes.io/'
/** On a claim that was made for what a Pod asks under such names: the Pod counts those itself. */
const IS_EXTENDED = 'resource.kubernetes.io/extended-resource-claim'

/** What a claim for all devices that there are may get. */
const MAX_DEVICES = 32

type Claim = DeepReadonly<ResourceClaim>

/** What else there is, which says what a claim counts. */
export interface DeviceFacts {
  /** The extended resource that Pods may ask for a class's devices as. */
  readonly nameOf: (deviceClass: string) => string | undefined
  readonly pod: (namespace: string, name: string) => DeepReadonly<Pod> | undefined
  /** The first that was made for a Pod, by the Pod's uid. */
  readonly firstClaim: (namespace: string, podUid: string) => Claim | undefined
}

/** Where there are neither classes nor Pods. */
export const NO_DEVICES: DeviceFacts = { nameOf: () => undefined, pod: () => undefined, firstClaim: () => undefined }

/**
 * The amounts by the names that quotas have for them. Of requests with a choice each class counts as if it were chosen.
 * `byPod`: what the Pod counts that the claim was made for.
 */
export function deviceUsage(
  { spec }: Claim,
  { nameOf }: Pick<DeviceFacts, 'nameOf'>,
  byPod: Readonly<Record<string, string>>,
): Record<string, string> {
  const totals = new Map<string, number>()
  for (const request of spec.devices?.requests ?? []) {
    for (const [name, most] of mostByClass(request)) totals.set(name, (totals.get(name) ?? 0) + most)
  }
  const usage: Record<string, string> = {}
  const asResource = new Map<string, number>()
  for (const [name, total] of totals) {
    usage[`${name}${OF_DEVICE_CLASS}`] = String(total)
    asResource.set(`requests.${AS_RESOURCE}${name}`, total)
    const own = nameOf(name)
    // Kubernetes takes either one of classes with the same name.
    if (own !== undefined) asResource.set(`requests.${own}`, Math.max(asResource.get(`requests.${own}`) ?? 0, total))
  }
  for (const [name, total] of asResource) {
    const left = subQuantity(String(total), byPod[name] ?? '0')
    if (cmpQuantity(left, '0') > 0) usage[name] = formatQuantity(left)
  }
  return usage
}

/** The Pod that a claim was made for, because it asks for devices as resources: only one claim of a Pod is. */
export function podServedBy(claim: Claim, { pod: find, firstClaim }: DeviceFacts): DeepReadonly<Pod> | undefined {
  const owner = ownerOf(claim)
  const { namespace = '', name = '' } = claim.metadata
  if (owner === undefined) return undefined
  const pod = find(namespace, owner.name)
  if (pod === undefined || pod.metadata.uid !== owner.uid) return undefined
  const served = pod.status?.extendedResourceClaimStatus?.resourceClaimName
  if (served !== undefined) return served === name ? pod : undefined
  const first = firstClaim(namespace, owner.uid)
  return first !== undefined && first.metadata.name !== name && isEarlier(first, claim) ? undefined : pod
}

/** Of some claims, those that were the first to be made for their Pods, by the Pods' uids. */
export function firstClaims(claims: Iterable<Claim>): ReadonlyMap<string, Claim> {
  const first = new Map<string, Claim>()
  for (const claim of claims) {
    const uid = ownerOf(claim)?.uid
    if (uid === undefined) continue
    const known = first.get(uid)
    if (known === undefined || isEarlier(claim, known)) first.set(uid, claim)
  }
  return first
}

function ownerOf(claim: Claim): DeepReadonly<OwnerReference> | undefined {
  if (claim.metadata.annotations?.[IS_EXTENDED] !== 'true') return undefined
  const owner = controllerOf(claim)
  return owner?.kind === 'Pod' && owner.apiVersion === 'v1' ? owner : undefined
}

/** Whether `other` was there before; of those made in the same second the first by name was. */
function isEarlier({ metadata: other }: Claim, { metadata }: Claim): boolean {
  // What is only now being made comes last.
  if (other.resourceVersion === undefined || metadata.resourceVersion === undefined) {
    return other.resourceVersion !== undefined
  }
  const [before, at] = [fromTime(other.creationTimestamp) ?? 0, fromTime(metadata.creationTimestamp) ?? 0]
  return before === at ? (other.name ?? '') < (metadata.name ?? '') : before < at
}

function mostByClass({ exactly, firstAvailable = [] }: DeepReadonly<DeviceRequest>): ReadonlyMap<string, number> {
  const most = new Map<string, number>()
  const choices = exactly === undefined ? firstAvailable : [exactly]
  for (const choice of choices) {
    const { deviceClassName } = choice
    most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, devicesOf(choice)))
  }
  return most
}

function devicesOf({
  allocationMode,
  count,
}: DeepReadonly<Pick<DeviceSubRequest, 'allocationMode' | 'count'>>): number {
  if (allocationMode === 'All') return MAX_DEVICES
  return allocationMode === 'ExactCount' ? (count ?? 0) : 0
}
