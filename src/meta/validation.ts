/** Faults of fields in Kubernetes's words: the constructors that all validation is written with. */

import type { Steps } from '../base/async/steps.ts'
import type { FieldError, FieldErrorType, FieldPath } from './field-path.ts'
import { goQuote, goValue } from './go-quote.ts'

/** What the path says of a fault that several kinds share. */
export const IMMUTABLE = 'field is immutable'
export const NOT_NEGATIVE = 'must be greater than or equal to 0'

/** Nobody reads more faults than these. Lists are judged no further, so that a hostile object cannot make a hostile answer. */
export const ENOUGH = 1000

/** The faults of all items of a list, or of enough of them. */
export function judgeAll<T>(
  list: readonly T[] | undefined,
  judge: (item: T, at: number) => readonly FieldError[],
): FieldError[] {
  const faults: FieldError[] = []
  if (list === undefined) return faults
  for (let at = 0; at < list.length && faults.length < ENOUGH; at++) faults.push(...judge(list[at] as T, at))
  return faults
}

/** The same for items that each take long to judge: `sizeOf` one is the number of its characters. Others have a turn after some thousands. */
export function* judgeInSteps<T>(
  list: readonly T[] | undefined,
  sizeOf: (item: T) => number,
  judge: (item: T, at: number) => Steps<readonly FieldError[]>,
): Steps<FieldError[]> {
  const faults: FieldError[] = []
  let size = 0
  for (const [at, item] of (list ?? []).entries()) {
    if (faults.length >= ENOUGH) break
    size += ITEM_SIZE + sizeOf(item)
    if (size > STEP_SIZE) {
      yield
      size = 0
    }
    faults.push(...(yield* judge(item, at)))
  }
  return faults
}

/** What an item takes besides its characters, and what is judged in one step. */
const ITEM_SIZE = 32
const STEP_SIZE = 16 * 1024

/** Where each value of a list is first. Lists that are judged do not change meanwhile. */
const firstPlaces = new WeakMap<readonly unknown[], ReadonlyMap<unknown, number>>()
/** To look through shorter lists takes less time than to note their places. */
const SHORT = 20

/** Whether a list has the value of a place already before it. Asked of each place, a list of any length takes no time to speak of. */
export function isRepeated<T>(list: readonly T[], value: T, at: number): boolean {
  if (at < SHORT) return list.indexOf(value) < at
  let first = firstPlaces.get(list)?.get(value)
  if (first === undefined || list[first] !== value) {
    const places = new Map(list.map((one, place) => [one, place] as const).reverse())
    firstPlaces.set(list, places)
    first = places.get(value) ?? at
  }
  return first < at
}

/** A fault that Kubernetes prints without the value. */
function bare(type: FieldErrorType, words: string, path: FieldPath, detail = ''): FieldError {
  return { type, field: path.toString(), message: detail === '' ? words : `${words}: ${detail}` }
}

/** A fault that Kubernetes prints with the value. */
function valued(type: FieldErrorType, words: string, path: FieldPath, value: unknown, detail: string): FieldError {
  const text = `${words}: ${goValue(value)}`
  return { type, field: path.toString(), message: detail === '' ? text : `${text}: ${detail}` }
}

/** The field must be given. */
export function required(path: FieldPath, detail = ''): FieldError {
  return bare('FieldValueRequired', 'Required value', path, detail)
}

/** The value breaks a rule, which `detail` tells. */
export function invalidValue(path: FieldPath, value: unknown, detail: string): FieldError {
  return valued('FieldValueInvalid', 'Invalid value', path, value, detail)
}

/** As `invalidValue`, for values that are not to be shown. */
export function invalidUnshown(path: FieldPath, detail: string): FieldError {
  return bare('FieldValueInvalid', 'Invalid value', path, detail)
}

/** One fault of each text that a rule gave. */
export function invalidEach(path: FieldPath, value: unknown, details: readonly string[]): FieldError[] {
  return details.map((detail) => invalidValue(path, value, detail))
}

/** The value is not one of a closed set, told in the order given. */
export function notSupported(path: FieldPath, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`
  return valued('FieldValueNotSupported', 'Unsupported value', path, value, detail)
}

/** Two items of a list that must differ do not. */
export function duplicate(path: FieldPath, value: unknown): FieldError {
  return valued('FieldValueDuplicate', 'Duplicate value', path, value, '')
}

/** The field may not be set, or not be changed, as things are. */
export function forbiddenField(path: FieldPath, detail: string): FieldError {
  return bare('FieldValueForbidden', 'Forbidden', path, detail)
}

/** The value names something that is not there. */
export function notFoundValue(path: FieldPath, value: unknown): FieldError {
  return valued('FieldValueNotFound', 'Not found', path, value, '')
}

/** A text over its limit in bytes; it is not repeated. */
export function tooLong(path: FieldPath, limit: number): FieldError {
  return bare(
    'FieldValueTooLong',
    'Too long',
    path,
    limit < 0 ? 'value is too long' : `may not be more than ${limit} bytes`,
  )
}

/** A list over its limit. */
export function tooMany(path: FieldPath, count: number, limit: number): FieldError {
  return valued(
    'FieldValueTooMany',
    'Too many',
    path,
    count,
    `must have at most ${limit} item${limit === 1 ? '' : 's'}`,
  )
}

/** Something went wrong in checking. */
export function internalFault(path: FieldPath, detail: string): FieldError {
  return bare('InternalError', 'Internal error', path, detail)
}

/** A fault when a number is below zero. */
export function nonNegative(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, NOT_NEGATIVE)] : []
}

/** A fault when a number is not above zero. */
export function positive(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value <= 0 ? [invalidValue(path, value, 'must be greater than 0')] : []
}

/** A fault when a field that never changes has. */
export function immutableField(value: unknown, old: unknown, path: FieldPath): FieldError[] {
  return deepEqual(value, old) ? [] : [invalidValue(path, value, IMMUTABLE)]
}

/**
 * Whether two JSON values mean the same. Absent, `null`, and empty lists and maps are equal, as Kubernetes compares
 * objects; the order of keys does not matter.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => deepEqual(item, b[at]))
  if (Array.isArray(b)) return false
  return sameEntries(a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>)
}

function sameEntries(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  for (const key of Object.keys(a)) {
    const other = Object.hasOwn(b, key) ? b[key] : undefined
    if (!deepEqual(a[key], other)) return false
  }
  for (const key of Object.keys(b)) {
    if (!Object.hasOwn(a, key) && !isNothing(b[key])) return false
  }
  return true
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return Array.isArray(value) && value.length === 0
}
