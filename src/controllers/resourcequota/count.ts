/** What a quota's objects use together (https://kubernetes.io/docs/concepts/policy/resource-quotas/). */

import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import type { DeviceFacts } from '../../api/core/v1/resourcequota/device-usage.ts'
import { type Counted, quotaPicks, totalUsage, type Usage, usageOf } from '../../api/core/v1/resourcequota/usage.ts'
import { RESOURCE_CLAIMS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { cmpQuantity } from '../../meta/quantity.ts'
import type { AnyResource } from '../kit/all-resources.ts'
import { isDeleting, type ReadObject } from '../kit/ownership.ts'
import type { Hard } from './concerns.ts'

export type ReadQuota = DeepReadonly<ResourceQuota>

/** An object, as it is counted. */
export const counted = ({ group, resource }: AnyResource, object: ReadObject): Counted => ({ group, resource, object })

/** What the quota's objects use together, of each name that can be counted. */
export function count(
  quota: ReadQuota,
  objects: readonly Counted[],
  { now, devices, names }: { readonly now: number; readonly devices: DeviceFacts; readonly names: Hard },
): Usage {
  const usages = objects.filter((one) => quotaPicks(quota, one)).map((one) => rememberedUsage(one, now, devices))
  return totalUsage(usages, names)
}

/**
 * Objects are never changed, so what one uses is worked out once; but for one being deleted, whose time runs out, and
 * claims, which depend on others.
 */
const known = new WeakMap<ReadObject, Usage>()

function rememberedUsage(one: Counted, now: number, devices: DeviceFacts): Usage {
  const usage = known.get(one.object) ?? usageOf(one, now, devices)
  if (one.resource !== RESOURCE_CLAIMS.resource && !isDeleting(one.object)) known.set(one.object, usage)
  return usage
}

/** Whether less of anything is used than before. */
export function lowers(before: Hard, after: Hard): boolean {
  return Object.entries(after).some(([name, amount]) => {
    const known = before[name]
    return known !== undefined && cmpQuantity(amount, known) < 0
  })
}
