/** Values to look others up in, as equality has it, without comparing each with all. */

import { equal } from './compare.ts'
import { type CelValue, Duration, isList, isMap, Timestamp, TypeValue, Uint } from './values.ts'

export class Members {
  readonly #keys = new Set<string>()
  /** Those that have no key. */
  readonly #others: CelValue[] = []

  constructor(values: Iterable<CelValue> = []) {
    for (const value of values) this.add(value)
  }

  has(value: CelValue): boolean {
    const key = keyOf(value)
    return key === undefined ? this.#others.some((each) => equal(each, value)) : this.#keys.has(key)
  }

  add(value: CelValue): void {
    const key = keyOf(value)
    if (key === undefined) this.#others.push(value)
    else this.#keys.add(key)
  }
}

/** A text that equal values have in common, and no others; nothing for what only it itself can compare. */
function keyOf(value: CelValue): string | undefined {
  if (typeof value === 'string') return `"${value}`
  if (typeof value === 'bigint') return `${value}`
  if (typeof value === 'number') return numberKey(value)
  if (value === null || typeof value === 'boolean') return `${value}`
  if (value instanceof Uint) return `${value.value}`
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('latin1')}`
  if (value instanceof Timestamp) return `t${value.nanos}`
  if (value instanceof Duration) return `d${value.nanos}`
  if (value instanceof TypeValue) return `y${value.name}`
  if (isList(value)) return keyOfParts('[', value.map(keyOf))
  if (!isMap(value)) return undefined
  const parts = [...value.keys()].map((key) => keyOfParts('', [keyOf(key), keyOf(value.get(key) ?? null)]) ?? '')
  if (parts.includes('')) return undefined
  return keyOfParts(
    `{${value.typeName}`,
    parts.toSorted((a, b) => (a < b ? -1 : 1)),
  )
}

/** Whole numbers of all types are equal; what is no number equals nothing. */
function numberKey(value: number): string | undefined {
  if (Number.isNaN(value)) return undefined
  return Number.isInteger(value) ? `${BigInt(value)}` : `${value}`
}

function keyOfParts(what: string, parts: readonly (string | undefined)[]): string | undefined {
  let key = what
  for (const part of parts) {
    if (part === undefined) return undefined
    key += ` ${part.length}:${part}`
  }
  return key
}
