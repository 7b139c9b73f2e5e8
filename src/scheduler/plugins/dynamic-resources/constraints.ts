/** What the devices of a claim must have in common, or not (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). */

import type { DeviceAttribute, DeviceConstraint } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { PoolDevice } from './pools.ts'

type Attribute = DeepReadonly<DeviceAttribute>

/** A device that was picked for a request. */
export interface Picked {
  readonly device: PoolDevice
  /** The request, and the alternative behind a slash where there are some. */
  readonly request: string
}

/** Whether `next` may join what was picked for the claim so far. */
export function satisfies(
  { requests = [], matchAttribute, distinctAttribute }: DeepReadonly<DeviceConstraint>,
  picked: readonly Picked[],
  next: Picked,
): boolean {
  const concerns = ({ request }: Picked) =>
    requests.length === 0 || requests.includes(request) || requests.includes(request.split('/')[0] ?? '')
  if (!concerns(next)) return true
  const name = matchAttribute ?? distinctAttribute ?? ''
  const value = valueOf(next.device, name)
  if (value === undefined) return false
  const others = picked.filter(concerns).map(({ device }) => valueOf(device, name))
  return matchAttribute === undefined ? !others.includes(value) : others.every((other) => other === value)
}

/** An attribute with its type, by its full name or, of the driver's own, by the short one. */
function valueOf({ device, slice }: PoolDevice, name: string): string | undefined {
  const attributes = device.attributes ?? {}
  const [domain = '', id = ''] = name.split('/')
  if (Object.hasOwn(attributes, name)) return show(attributes[name] as Attribute)
  const isOwn = domain === slice.spec.driver && Object.hasOwn(attributes, id)
  return isOwn ? show(attributes[id] as Attribute) : undefined
}

function show({ string, int, bool, version }: Attribute): string | undefined {
  if (string !== undefined) return `string ${string}`
  if (int !== undefined) return `int ${int}`
  if (bool !== undefined) return `bool ${bool}`
  return version === undefined ? undefined : `version ${version}`
}
