/** The devices that a ResourceClaim may come to hold, by their classes (https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-device-class). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { DeviceRequest, DeviceSubRequest, ResourceClaim } from '../../../generated/resource-v1.ts'

/** Names of amounts by class end so. */
export const OF_DEVICE_CLASS = '.deviceclass.resource.k8s.io/devices'

/** What a claim for all devices that there are may get. */
const MAX_DEVICES = 32

/** The amounts by the names that quotas have for them. Of requests with a choice each class counts as if it were chosen. */
export function deviceUsage({ spec }: DeepReadonly<ResourceClaim>): Record<string, string> {
  const totals = new Map<string, number>()
  for (const request of spec.devices?.requests ?? []) {
    for (const [name, most] of mostByClass(request)) totals.set(name, (totals.get(name) ?? 0) + most)
  }
  return Object.fromEntries([...totals].map(([name, total]) => [`${name}${OF_DEVICE_CLASS}`, String(total)]))
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
