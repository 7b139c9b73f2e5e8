/** Parts of devices that several claims share (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#consumable-capacity). */

import type { CapacityRequirements, Device, DeviceCapacity } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { addQuantity, cmpQuantity, parseQuantity, type QuantityValue, subQuantity } from '../../../meta/quantity.ts'
import type { Amounts } from './taken.ts'

type Capacity = DeepReadonly<DeviceCapacity>
type Asked = DeepReadonly<CapacityRequirements> | undefined

const NOTHING: QuantityValue = { nano: 0n, format: 'DecimalSI' }
const read = (text: string): QuantityValue => parseQuantity(text) ?? NOTHING

/** What a request uses of each of a device's capacities. */
export function consumed({ capacity = {} }: DeepReadonly<Device>, asked: Asked): Amounts {
  const requests = asked?.requests ?? {}
  const names = Object.keys(capacity)
  return new Map(
    names.map((name) => [
      name,
      amountOf(Object.hasOwn(requests, name) ? requests[name] : undefined, capacity[name] as Capacity),
    ]),
  )
}

/** Whether a request fits into what is left of a device of which `used` is gone. */
export function fitsCapacity(device: DeepReadonly<Device>, asked: Asked, used: Amounts): boolean {
  const { capacity = {} } = device
  if (Object.keys(asked?.requests ?? {}).some((name) => !Object.hasOwn(capacity, name))) return false
  for (const [name, amount] of consumed(device, asked)) {
    const { value, requestPolicy } = capacity[name] as Capacity
    if (breaksPolicy(amount, requestPolicy)) return false
    if (cmpQuantity(addQuantity(amount, used.get(name) ?? NOTHING), value) > 0) return false
  }
  return true
}

/** What is asked, or the default, rounded up to what the device gives out. */
function amountOf(asked: string | undefined, { value, requestPolicy }: Capacity): QuantityValue {
  if (asked === undefined) return read(requestPolicy?.default ?? value)
  const { validRange, validValues } = requestPolicy ?? {}
  if (validRange !== undefined) {
    const min = read(validRange.min)
    if (cmpQuantity(asked, min) < 0) return min
    return validRange.step === undefined ? read(asked) : roundedUp(read(asked), min, read(validRange.step))
  }
  return read(validValues?.find((each) => cmpQuantity(asked, each) <= 0) ?? asked)
}

function roundedUp(asked: QuantityValue, min: QuantityValue, step: QuantityValue): QuantityValue {
  const above = subQuantity(asked, min).nano
  if (step.nano <= 0n || above % step.nano === 0n) return asked
  return { nano: min.nano + (above / step.nano + 1n) * step.nano, format: 'BinarySI' }
}

function breaksPolicy(amount: QuantityValue, policy: Capacity['requestPolicy']): boolean {
  if (policy === undefined || (policy.default !== undefined && cmpQuantity(amount, policy.default) === 0)) return false
  const { validRange, validValues = [] } = policy
  if (validRange !== undefined) {
    if (validRange.max !== undefined && cmpQuantity(amount, validRange.max) > 0) return true
    const step = validRange.step === undefined ? 0n : read(validRange.step).nano
    return step > 0n && subQuantity(amount, validRange.min).nano % step !== 0n
  }
  return validValues.length > 0 && !validValues.some((each) => cmpQuantity(amount, each) === 0)
}
