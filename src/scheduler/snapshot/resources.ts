/** Amounts of resources as plain numbers, for the scheduler adds and compares them thousands of times a second. */

import type { Quantity } from '../../meta/types.ts'
import { milliValue, quantityValue } from '../../meta/quantity.ts'

/** CPU in thousandths, everything else in whole units. Changed in place by its owner only. */
export interface Amounts {
  milliCPU: number
  memory: number
  ephemeralStorage: number
  /** Every other resource by name, e.g. `hugepages-2Mi` or `example.com/gpu`. */
  others: Map<string, number> | undefined
}

/** A fresh zero. */
export function noAmounts(): Amounts {
  return { milliCPU: 0, memory: 0, ephemeralStorage: 0, others: undefined }
}

/** Reads a resource list. `pods` is counted apart and left out. */
export function amountsOf(list: Readonly<Record<string, Quantity>> | undefined): Amounts {
  const amounts = noAmounts()
  for (const [name, quantity] of Object.entries(list ?? {})) {
    if (name === 'cpu') amounts.milliCPU = milliValue(quantity)
    else if (name === 'memory') amounts.memory = quantityValue(quantity)
    else if (name === 'ephemeral-storage') amounts.ephemeralStorage = quantityValue(quantity)
    else if (name !== 'pods') (amounts.others ??= new Map()).set(name, quantityValue(quantity))
  }
  return amounts
}

/** Adds `more` times `sign` to `total`, in place. */
export function accumulate(total: Amounts, more: Readonly<Amounts>, sign: 1 | -1): void {
  total.milliCPU += sign * more.milliCPU
  total.memory += sign * more.memory
  total.ephemeralStorage += sign * more.ephemeralStorage
  if (more.others === undefined) return
  total.others ??= new Map()
  for (const [name, amount] of more.others) total.others.set(name, (total.others.get(name) ?? 0) + sign * amount)
}

/** The amount of one resource by its API name. */
export function amountOf(amounts: Readonly<Amounts>, name: string): number {
  if (name === 'cpu') return amounts.milliCPU
  if (name === 'memory') return amounts.memory
  if (name === 'ephemeral-storage') return amounts.ephemeralStorage
  return amounts.others?.get(name) ?? 0
}

/** Whether two lists ask for the same; what is zero need not be there. */
export function sameAmounts(a: Readonly<Amounts>, b: Readonly<Amounts>): boolean {
  if (a.milliCPU !== b.milliCPU || a.memory !== b.memory || a.ephemeralStorage !== b.ephemeralStorage) return false
  if (a.others === undefined && b.others === undefined) return true
  const names = new Set([...(a.others?.keys() ?? []), ...(b.others?.keys() ?? [])])
  return [...names].every((name) => amountOf(a, name) === amountOf(b, name))
}

/** Whether nodes are compared by this resource only for Pods that ask for it. */
export const isScalar = (name: string): boolean => name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage'
