/** Values that may be absent (https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries). */

import { declare, type Library } from '../environment.ts'
import { OPTIONAL_MACROS } from '../macros.ts'
import { type CelMap, type CelValue, EvaluationError, isList, NONE, Optional, sizeOf, Uint } from '../values.ts'

/** The value, or none for what is empty. */
function ofNonZero(value: CelValue): Optional {
  const isZero =
    value === null ||
    value === false ||
    value === 0n ||
    value === 0 ||
    (value instanceof Uint && value.value === 0n) ||
    ((typeof value === 'string' || typeof value === 'object') && sizeOf(value) === 0)
  return isZero ? NONE : new Optional(value)
}

function valueOf({ value }: Optional): CelValue {
  if (value === undefined) throw new EvaluationError('optional.none() dereference')
  return value
}

/** What stands at an index or under a key, where anything does. */
export function find(holder: CelValue, key: CelValue): Optional {
  const inside = holder instanceof Optional ? holder.value : holder
  if (inside === undefined) return NONE
  if (!isList(inside)) return new Optional((inside as CelMap).get(key))
  return new Optional(typeof key === 'bigint' && key >= 0n ? inside[Number(key)] : undefined)
}

const unwrap = (list: readonly Optional[]): CelValue =>
  list.flatMap(({ value }) => (value === undefined ? [] : [value]))

const firstOf = (list: readonly CelValue[]): Optional => new Optional(list[0])
const lastOf = (list: readonly CelValue[]): Optional => new Optional(list.at(-1))

export const optionals: Library = {
  macros: OPTIONAL_MACROS,
  functions: [
    declare('optional.of(A): optional_type(A)', (value: CelValue) => new Optional(value)),
    declare('optional.ofNonZeroValue(A): optional_type(A)', ofNonZero),
    declare('optional.none(): optional_type(A)', () => NONE),
    declare('optional_type(A)->value(): A', valueOf),
    declare('optional_type(A)->hasValue(): bool', ({ value }: Optional) => value !== undefined),
    // The evaluator itself does these: what comes after is not evaluated where it is not needed.
    declare('optional_type(A)->or(optional_type(A)): optional_type(A)'),
    declare('optional_type(A)->orValue(A): A'),
    declare('_?._(dyn, string): optional_type(A)'),
    declare('_[?_](list(A), int): optional_type(A)', find),
    declare('_[?_](optional_type(list(A)), int): optional_type(A)', find),
    declare('_[?_](map(A, B), A): optional_type(B)', find),
    declare('_[?_](optional_type(map(A, B)), A): optional_type(B)', find),
    declare('_[_](optional_type(list(A)), int): optional_type(A)', find),
    declare('_[_](optional_type(map(A, B)), A): optional_type(B)', find),
    declare('list(A)->last(): optional_type(A)', lastOf),
    declare('list(A)->first(): optional_type(A)', firstOf),
    declare('optional.unwrap(list(optional_type(A))): list(A)', unwrap),
    declare('list(optional_type(A))->unwrapOpt(): list(A)', unwrap),
  ],
}
