/** Operators of numbers, times, texts and lists (https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions). */

import { compare, equal } from '../compare.ts'
import { declare, type Library, type Overload } from '../environment.ts'
import { STANDARD_MACROS } from '../macros.ts'
import {
  type CelMap,
  type CelValue,
  Duration,
  EvaluationError,
  sizeOf,
  Timestamp,
  typeNameOf,
  Uint,
} from '../values.ts'

const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n
const MAX_UINT = 2n ** 64n - 1n
const SECOND = 1_000_000_000n
const FIRST_SECOND = -62_135_596_800n
const LAST_SECOND = 253_402_300_799n

/** An integer within its 64 bits. */
export function int(value: bigint): bigint {
  if (value < MIN_INT || value > MAX_INT) throw new EvaluationError('integer overflow')
  return value
}

/** An unsigned integer within its 64 bits. */
export function uint(value: bigint): Uint {
  if (value < 0n || value > MAX_UINT) throw new EvaluationError('unsigned integer overflow')
  return new Uint(value)
}

/** A duration that 64 bits of nanoseconds can tell. */
export function duration(nanos: bigint): Duration {
  return new Duration(int(nanos))
}

/** A time of the years 1 to 9999. */
export function timestamp(nanos: bigint): Timestamp {
  const second = nanos / SECOND
  if (second < FIRST_SECOND || second > LAST_SECOND) throw new EvaluationError('timestamp overflow')
  return new Timestamp(nanos)
}

function divisor(value: bigint, words: string): bigint {
  if (value === 0n) throw new EvaluationError(words)
  return value
}

type Of<T> = (a: T, b: T) => CelValue

/** The operator for doubles, integers and unsigned integers. */
function arithmetic(sign: string, double: Of<number> | undefined, whole: (a: bigint, b: bigint) => bigint): Overload[] {
  const name = `_${sign}_`
  return [
    ...(double === undefined ? [] : [declare(`${name}(double, double): double`, double)]),
    declare(`${name}(int, int): int`, (a: bigint, b: bigint) => int(whole(a, b))),
    declare(`${name}(uint, uint): uint`, (a: Uint, b: Uint) => uint(whole(a.value, b.value))),
  ]
}

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration']
const NUMBERS = ['int', 'uint', 'double']

/** A comparison, of like with like and of numbers with numbers. */
function comparison(sign: string, holds: (order: number) => boolean): Overload[] {
  const pairs = [
    ...ORDERED.map((type) => [type, type]),
    ...NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => [a, b])),
  ]
  return pairs.map(([a, b]) =>
    declare(`_${sign}_(${a}, ${b}): bool`, (left: CelValue, right: CelValue) => holds(compare(left, right))),
  )
}

const contains = (map: CelMap, key: CelValue): boolean => map.get(key) !== undefined

/** What an index gives; throws where there is nothing. */
function itemAt(list: readonly CelValue[], index: CelValue): CelValue {
  const at = typeof index === 'bigint' ? Number(index) : index instanceof Uint ? Number(index.value) : index
  const found = typeof at === 'number' && Number.isInteger(at) && at >= 0 ? list[at] : undefined
  if (found === undefined)
    throw new EvaluationError(`index out of bounds: ${typeof at === 'number' ? at : typeNameOf(index)}`)
  return found
}

/** What a map has for a key; throws where there is nothing. */
export function valueAt(map: CelMap, key: CelValue): CelValue {
  const found = map.get(key)
  if (found === undefined) throw new EvaluationError(`no such key: ${showKey(key)}`)
  return found
}

const showKey = (key: CelValue): string =>
  typeof key === 'object' && key !== null ? (key instanceof Uint ? `${key.value}` : typeNameOf(key)) : String(key)

const SIZED = ['bytes', 'list(A)', 'map(A, B)', 'string']

export const operators: Library = {
  macros: STANDARD_MACROS,
  functions: [
    // The evaluator itself does these five: not all that they are given is evaluated.
    declare('_&&_(bool, bool): bool'),
    declare('_||_(bool, bool): bool'),
    declare('_?_:_(bool, A, A): A'),
    declare('@not_strictly_false(bool): bool'),
    declare('type(A): type(A)'),
    declare('!_(bool): bool', (value: boolean) => !value),
    declare('_==_(A, A): bool', equal),
    declare('_!=_(A, A): bool', (a: CelValue, b: CelValue) => !equal(a, b)),
    declare('_+_(bytes, bytes): bytes', (a: Uint8Array, b: Uint8Array) => new Uint8Array([...a, ...b])),
    declare('_+_(list(A), list(A)): list(A)', (a: readonly CelValue[], b: readonly CelValue[]) => [...a, ...b]),
    declare('_+_(string, string): string', (a: string, b: string) => a + b),
    declare('_+_(duration, duration): duration', (a: Duration, b: Duration) => duration(a.nanos + b.nanos)),
    declare('_+_(duration, timestamp): timestamp', (a: Duration, b: Timestamp) => timestamp(a.nanos + b.nanos)),
    declare('_+_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => timestamp(a.nanos + b.nanos)),
    declare('_-_(duration, duration): duration', (a: Duration, b: Duration) => duration(a.nanos - b.nanos)),
    declare('_-_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => timestamp(a.nanos - b.nanos)),
    declare('_-_(timestamp, timestamp): duration', (a: Timestamp, b: Timestamp) => duration(a.nanos - b.nanos)),
    ...arithmetic(
      '+',
      (a, b) => a + b,
      (a, b) => a + b,
    ),
    ...arithmetic(
      '-',
      (a, b) => a - b,
      (a, b) => a - b,
    ),
    ...arithmetic(
      '*',
      (a, b) => a * b,
      (a, b) => a * b,
    ),
    ...arithmetic(
      '/',
      (a, b) => a / b,
      (a, b) => a / divisor(b, 'division by zero'),
    ),
    ...arithmetic('%', undefined, (a, b) => a % divisor(b, 'modulus by zero')),
    declare('-_(double): double', (value: number) => -value),
    declare('-_(int): int', (value: bigint) => int(-value)),
    ...comparison('<', (order) => order < 0),
    ...comparison('<=', (order) => order <= 0),
    ...comparison('>', (order) => order > 0),
    ...comparison('>=', (order) => order >= 0),
    declare('_[_](list(A), int): A', itemAt),
    declare('_[_](map(A, B), A): B', valueAt),
    declare('@in(A, list(A)): bool', (value: CelValue, list: readonly CelValue[]) =>
      list.some((each) => equal(each, value)),
    ),
    declare('@in(A, map(A, B)): bool', (key: CelValue, map: CelMap) => contains(map, key)),
    ...SIZED.flatMap((type) => [
      declare(`size(${type}): int`, (value: CelValue) => BigInt(sizeOf(value))),
      declare(`${type}->size(): int`, (value: CelValue) => BigInt(sizeOf(value))),
    ]),
  ],
}
