/** The devices that a ResourceClaim may come to hold, by their classes (https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-device-class). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { DeviceRequest, DeviceSubRequest, ResourceClaim } from '../../../generated/resource-v1.ts'

/** Names of amounts by class end so. */
export const OF_DEVICE_CLASS = '.deviceclass.resource.k8s.io/devices'

/** Pods may ask for a class's devices under this name and the class's, as for any resource. */
export const AS_RESOURCE = 'deviceclass.resource.kubernetes.io/'
/** On a claim that was made for what a Pod asks under such names: the Pod counts those itself. */
const IS_EXTENDED = 'resource.kubernetes.io/extended-resource-claim'

/** What a claim for all devices that there are may get. */
const MAX_DEVICES = 32

/** The amounts by the names that quotas have for them. Of requests with a choice each class counts as if it were chosen. */
export function deviceUsage({ metadata, spec }: DeepReadonly<ResourceClaim>): Record<string, string> {
  const totals = new Map<string, number>()
  for (const request of spec.devices?.requests ?? []) {
    for (const [name, most] of mostByClass(request)) totals.set(name, (totals.get(name) ?? 0) + most)
  }
  const isForPod = metadata.annotations?.[IS_EXTENDED] === 'true'
  const namesOf = (name: string) => [
    `${name}${OF_DEVICE_CLASS}`,
    ...(isForPod ? [] : [`requests.${AS_RESOURCE}${name}`]),
  ]
  return Object.fromEntries([...totals].flatMap(([name, total]) => namesOf(name).map((each) => [each, String(total)])))
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
