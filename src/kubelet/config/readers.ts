/** Reading the fields of a configuration file: each value is of its kind, or a fault that names it. */

import { parseQuantity } from '../../meta/quantity.ts'
import { parseDuration } from '../../wire/decode/duration.ts'

/** Reads the value found at `path`. Throws `ConfigFault`. */
export type Reader<T> = (value: unknown, path: string) => T

/** What is wrong with one field. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault'

  constructor(path: string, detail: string) {
    super(`${path}: ${detail}`)
  }
}

const shown = (value: unknown) => (typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing'))

/** A whole number within bounds. */
export const whole =
  (least: number, most: number = 2 ** 31 - 1): Reader<number> =>
  (value, path) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    throw new ConfigFault(path, `${shown(value)} is no whole number from ${least} to ${most}`)
  }

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value
  throw new ConfigFault(path, `${shown(value)} is neither true nor false`)
}

/** A number within bounds, the lower one left out. */
export const fraction =
  (above: number, most: number): Reader<number> =>
  (value, path) => {
    if (typeof value === 'number' && value > above && value <= most) return value
    throw new ConfigFault(path, `${shown(value)} must be greater than ${above} and less than or equal to ${most}`)
  }

/** One of these texts. */
export const oneOf =
  <T extends string>(...known: readonly T[]): Reader<T> =>
  (value, path) => {
    const found = known.find((one) => one === value)
    if (found !== undefined) return found
    throw new ConfigFault(path, `${shown(value)} must be one of ${known.map(shown).join(', ')}`)
  }

export const text: Reader<string> = (value, path) => {
  if (typeof value === 'string') return value
  throw new ConfigFault(path, `${shown(value)} is no text`)
}

/** An address of HTTP, or nothing. */
export const httpAddress: Reader<string> = (value, path) => {
  const written = text(value, path)
  if (written === '') return written
  if (URL.canParse(written) && ['http:', 'https:'].includes(new URL(written).protocol)) return written
  throw new ConfigFault(path, `${shown(value)} is no URL of http or https`)
}

const NANOS_PER_MS = 1_000_000

/** A duration such as `1m30s`, as milliseconds; at least `leastMs`. */
export const duration =
  (leastMs = 0): Reader<number> =>
  (value, path) => {
    let ms: number
    try {
      ms = Number(parseDuration(text(value, path))) / NANOS_PER_MS
    } catch (error) {
      if (error instanceof ConfigFault) throw error
      throw new ConfigFault(path, `${shown(value)} is no duration such as "1m30s"`)
    }
    if (ms < leastMs) throw new ConfigFault(path, `${shown(value)} is less than ${leastMs / 1000} s`)
    return ms
  }

export const quantity: Reader<string> = (value, path) => {
  const written = typeof value === 'number' ? String(value) : text(value, path)
  const parsed = parseQuantity(written)
  if (parsed === undefined) throw new ConfigFault(path, `${shown(value)} is no quantity such as "100Mi"`)
  if (parsed.nano < 0n) throw new ConfigFault(path, `${shown(value)} is less than nothing`)
  return written
}

export const listOf =
  <T>(reader: Reader<T>): Reader<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw new ConfigFault(path, `${shown(value)} is no list`)
    return value.map((item, at) => reader(item, `${path}[${at}]`))
  }

/** A map whose keys must be `known`, where those are given. */
export const mapOf =
  <T>(reader: Reader<T>, known?: readonly string[]): Reader<Readonly<Record<string, T>>> =>
  (value, path) =>
    Object.fromEntries(
      membersOf(value, path).map(([key, member]) => {
        if (known?.includes(key) === false)
          throw new ConfigFault(path, `unknown key ${shown(key)}; there are ${known.join(', ')}`)
        return [key, reader(member, `${path}[${key}]`)]
      }),
    )

/** An object of these fields; a field that is not stated is not there. */
export const partOf =
  <T extends object>(fields: { readonly [K in keyof T]-?: Reader<NonNullable<T[K]>> }): Reader<Partial<T>> =>
  (value, path) => {
    const readers = new Map<string, Reader<unknown>>(Object.entries(fields) as [string, Reader<unknown>][])
    const read = membersOf(value, path).map(([key, member]) => {
      const reader = readers.get(key)
      if (reader === undefined) throw new ConfigFault(`${path}.${key}`, 'unknown field')
      return [key, reader(member, `${path}.${key}`)] as const
    })
    return Object.fromEntries(read) as Partial<T>
  }

/** An object that states all of these fields. */
export const wholeOf =
  <T extends object>(fields: { readonly [K in keyof T]-?: Reader<NonNullable<T[K]>> }): Reader<T> =>
  (value, path) => {
    const part = partOf<T>(fields)(value, path)
    for (const key of Object.keys(fields)) {
      if (!Object.hasOwn(part, key)) throw new ConfigFault(`${path}.${key}`, 'is required')
    }
    return part as T
  }

/** The members of an object, whatever their names. */
export function membersOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigFault(path, `${shown(value)} is no object`)
  }
  return Object.entries(value)
}
