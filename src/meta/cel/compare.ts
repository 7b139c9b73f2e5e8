/** Equality and order of values (https://github.com/google/cel-spec/blob/master/doc/langdef.md#equality). */

import {
  type CelMap,
  type CelValue,
  Duration,
  EvaluationError,
  isList,
  isMap,
  isOpaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './values.ts'

/** Whether two values are equal: numbers across their types, lists and maps by what they hold. */
export function equal(a: CelValue, b: CelValue): boolean {
  if (a === b) return true
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (isList(a)) return isList(b) && a.length === b.length && a.every((each, at) => equal(each, b[at] as CelValue))
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b)
  if (isOpaque(a)) return isOpaque(b) && a.celType === b.celType && a.equals(b)
  return isMap(a) && isMap(b) && equalMaps(a, b)
}

function equalOptionals({ value: a }: Optional, { value: b }: Optional): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b)
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size || a.typeName !== b.typeName) return false
  for (const key of a.keys()) {
    const other = b.get(key)
    if (other === undefined || !equal(a.get(key) as CelValue, other)) return false
  }
  return true
}

type Numeric = bigint | number | Uint

export const isNumber = (value: CelValue): value is Numeric =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint

/** Below, at or above zero as `a` is to `b`; NaN where they have no order. */
function compareNumbers(a: Numeric, b: Numeric): number {
  const [left, right] = [a instanceof Uint ? a.value : a, b instanceof Uint ? b.value : b]
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN
  return left < right ? -1 : left > right ? 1 : 0
}

/** Below, at or above zero as `a` is to `b`. Throws where they have no order. */
export function compare(a: CelValue, b: CelValue): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if (a instanceof Timestamp && b instanceof Timestamp) return compareNumbers(a.nanos, b.nanos)
  if (a instanceof Duration && b instanceof Duration) return compareNumbers(a.nanos, b.nanos)
  throw new EvaluationError('no such overload')
}
