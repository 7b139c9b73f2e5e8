/**
 * Which devices a container gets
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/). This kubelet has no
 * topology manager, as with its policy `none`: NUMA nodes do not count.
 */

import type { DeviceAllocations } from './device-allocations.ts'
import type { Preference } from './device-plugin-client.ts'
import type { RegisteredDevices } from './registered-devices.ts'

export interface DeviceRequest {
  readonly uid: string
  readonly container: string
  readonly resource: string
  readonly count: number
  /** Those that init containers of the Pod had, and need no more. */
  readonly reusable: ReadonlySet<string>
}

export interface ChoiceFacts {
  readonly registered: RegisteredDevices
  readonly allocations: DeviceAllocations
  /** Asks the plugin, where it has preferences. */
  readonly preferred: (resource: string, preference: Preference) => Promise<readonly string[]>
}

/** Ids of devices; none where the container has them already. Throws with Kubernetes's words where there are too few. */
export async function chooseDevices(request: DeviceRequest, facts: ChoiceFacts): Promise<readonly string[]> {
  const { uid, container, resource, count, reusable } = request
  const { registered, allocations } = facts
  const had = allocations.of(uid, container, resource)?.devices
  if (had !== undefined && had.length !== count) {
    const what = `pod "${uid}" container "${container}" changed request for resource "${resource}"`
    throw new Error(`${what} from ${had.length} to ${count}`)
  }
  if (!registered.has(resource)) throw new Error(`cannot allocate unregistered device ${resource}`)
  const healthy = registered.healthy(resource).map(({ id }) => id)
  const why = `cannot allocate unhealthy devices ${resource}`
  if (healthy.length === 0) throw new Error(`no healthy devices present; ${why}`)
  if (had?.some(({ id }) => !healthy.includes(id)) === true)
    throw new Error(`previously allocated devices are no longer healthy; ${why}`)
  if (had !== undefined || count === 0) return []

  const again = [...reusable].slice(0, count)
  const size = count - again.length
  if (size === 0) return again
  const inUse = allocations.inUse(resource)
  const available = healthy.filter((id) => !inUse.has(id))
  if (available.length < size) {
    const amounts = `Requested: ${size}, Available: ${available.length}`
    throw new Error(`requested number of devices unavailable for ${resource}. ${amounts}`)
  }
  const preference = { available: [...available, ...again], mustInclude: again, size: count }
  const preferred = new Set(await facts.preferred(resource, preference))
  const inOrder = [...available.filter((id) => preferred.has(id)), ...available.filter((id) => !preferred.has(id))]
  return [...again, ...inOrder.slice(0, size)]
}
