/** Amounts as Kubernetes writes them (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library). */

import {
  addQuantity,
  cmpQuantity,
  parseQuantity,
  quantityFault,
  type QuantityValue,
  subQuantity,
} from '../../quantity.ts'
import { declare, type Library } from '../environment.ts'
import { EvaluationError, type OpaqueValue } from '../values.ts'

const NANO = 1_000_000_000n

export class Quantity implements OpaqueValue {
  readonly celType = 'kubernetes.Quantity'
  readonly amount: QuantityValue

  constructor(amount: QuantityValue) {
    this.amount = amount
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Quantity && other.amount.nano === this.amount.nano
  }
}

/** A quantity from its text. Throws `EvaluationError`. */
export function toQuantity(text: string): Quantity {
  const amount = parseQuantity(text)
  if (amount === undefined) throw new EvaluationError(quantityFault(text) ?? 'quantity is invalid')
  return new Quantity(amount)
}

const whole = (value: bigint): QuantityValue => ({ nano: value * NANO, format: 'DecimalSI' })
const isInteger = ({ amount }: Quantity): boolean => amount.nano % NANO === 0n

function asInteger(quantity: Quantity): bigint {
  if (!isInteger(quantity)) throw new EvaluationError('cannot convert value to integer')
  return quantity.amount.nano / NANO
}

const compareTo = (a: Quantity, b: Quantity): bigint => BigInt(cmpQuantity(a.amount, b.amount))
const add = (a: Quantity, b: QuantityValue): Quantity => new Quantity(addQuantity(a.amount, b))
const sub = (a: Quantity, b: QuantityValue): Quantity => new Quantity(subQuantity(a.amount, b))
const QUANTITY = 'kubernetes.Quantity'

export const quantities: Library = {
  functions: [
    declare(`quantity(string): ${QUANTITY}`, toQuantity),
    declare('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined),
    declare(`sign(${QUANTITY}): int`, ({ amount: { nano } }: Quantity) => (nano < 0n ? -1n : nano > 0n ? 1n : 0n)),
    declare(`${QUANTITY}->isGreaterThan(${QUANTITY}): bool`, (a: Quantity, b: Quantity) => compareTo(a, b) > 0n),
    declare(`${QUANTITY}->isLessThan(${QUANTITY}): bool`, (a: Quantity, b: Quantity) => compareTo(a, b) < 0n),
    declare(`${QUANTITY}->compareTo(${QUANTITY}): int`, compareTo),
    declare(`${QUANTITY}->asApproximateFloat(): double`, ({ amount }: Quantity) => Number(amount.nano) / 1e9),
    declare(`${QUANTITY}->asInteger(): int`, asInteger),
    declare(`${QUANTITY}->isInteger(): bool`, isInteger),
    declare(`${QUANTITY}->add(${QUANTITY}): ${QUANTITY}`, (a: Quantity, b: Quantity) => add(a, b.amount)),
    declare(`${QUANTITY}->add(int): ${QUANTITY}`, (a: Quantity, b: bigint) => add(a, whole(b))),
    declare(`${QUANTITY}->sub(${QUANTITY}): ${QUANTITY}`, (a: Quantity, b: Quantity) => sub(a, b.amount)),
    declare(`${QUANTITY}->sub(int): ${QUANTITY}`, (a: Quantity, b: bigint) => sub(a, whole(b))),
  ],
}
