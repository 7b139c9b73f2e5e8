/** Devices that are cut from one piece share its counters (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#partitionable-devices). */

import { addQuantity, cmpQuantity, type QuantityValue, subQuantity } from '../../../meta/quantity.ts'
import type { Pool, PoolDevice } from './pools.ts'
import type { Taken } from './taken.ts'

/** What is left of the counters of pools, as devices are taken and given back. */
export class CounterLedger {
  readonly #taken: Taken
  readonly #left = new Map<Pool, Map<string, QuantityValue>>()

  constructor(taken: Taken) {
    this.#taken = taken
  }

  /** Takes what the device needs; whether there was enough. */
  take(device: PoolDevice): boolean {
    const left = this.#leftOf(device.pool)
    this.#change(device, left, subQuantity)
    if ([...left.values()].every((amount) => cmpQuantity(amount, '0') >= 0)) return true
    this.#change(device, left, addQuantity)
    return false
  }

  giveBack(device: PoolDevice): void {
    this.#change(device, this.#leftOf(device.pool), addQuantity)
  }

  #leftOf(pool: Pool): Map<string, QuantityValue> {
    const known = this.#left.get(pool)
    if (known !== undefined) return known
    const left = new Map<string, QuantityValue>()
    for (const [set, { counters }] of pool.counterSets) {
      for (const [name, { value }] of Object.entries(counters)) left.set(`${set}/${name}`, addQuantity('0', value))
    }
    for (const device of [...pool.devices, ...pool.elsewhere]) {
      if (this.#taken.whole.has(device.key) || this.#taken.shared.has(device.key))
        this.#change(device, left, subQuantity)
    }
    this.#left.set(pool, left)
    return left
  }

  #change({ device }: PoolDevice, left: Map<string, QuantityValue>, by: typeof addQuantity): void {
    for (const { counterSet, counters } of device.consumesCounters ?? []) {
      for (const [name, { value }] of Object.entries(counters)) {
        const key = `${counterSet}/${name}`
        const before = left.get(key)
        if (before !== undefined) left.set(key, by(before, value))
      }
    }
  }
}
