/** Amounts of resources as a node counts them. Pure. */

import { milliValue, quantityValue } from '../../meta/quantity.ts'

/** A resource of which not enough is left, in its own unit: thousandths of a CPU, bytes, numbers. */
export interface Shortage {
  readonly resource: string
  readonly requested: number
  readonly used: number
  readonly capacity: number
}

/** An amount of a resource in the unit in which it is counted. */
export const amountOf = (resource: string, text: string | undefined): number =>
  text === undefined ? 0 : resource === 'cpu' ? milliValue(text) : quantityValue(text)
