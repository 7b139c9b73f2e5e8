/**
 * Large bodies, bred from a valid object: one field of it, at any depth, filled up to what a body may hold. Everything
 * else stays as it is.
 */

import { schemaOf } from '../../src/api/schemas.ts'
import type { ScalarKind, Shape } from '../../src/wire/schema.ts'
import { applied, type Base, type Json, typeOf } from '../differential/corpus.ts'

type Path = readonly (string | number)[]

/** A field that can be filled. */
export interface Place {
  readonly path: Path
  readonly shape: Shape
  /** What is there. */
  readonly value: unknown
}

/** A field filled in a way. */
export interface Filling {
  readonly name: string
  readonly value: unknown
}

/** A way to fill a field: most are never asked for what they fill it with. */
export interface FillingWay {
  readonly name: string
  make(): unknown
}

/** Somewhat below the most values that a body may have, and the most bytes. */
const VALUES = 48_000
const BYTES = Number(process.env['BYTES'] ?? 2_900_000)
/** How deep fields that an object lacks are entered. */
const DEPTH = Number(process.env['DEPTH'] ?? 1)

/** Every list, map and text of an object, and those that it lacks. */
export function* placesIn(base: Base): Generator<Place> {
  for (const field of schemaOf(typeOf(base))!.fields.values()) {
    if (field.name === 'apiVersion' || field.name === 'kind') continue
    yield* placesAt({ path: [field.name], shape: field.shape, value: base.object[field.name] }, DEPTH)
  }
}

function* placesAt({ path, shape, value }: Place, depth: number): Generator<Place> {
  if (path.at(-1) === 'managedFields') return
  if (shape.kind === 'scalar') {
    if (['string', 'bytes', 'Quantity', 'Time', 'IntOrString', 'any'].includes(shape.scalar))
      yield { path, shape, value }
    return
  }
  if (shape.kind !== 'struct') yield { path, shape, value }
  const isGiven = value !== undefined
  if (!isGiven && depth <= 0) return
  const left = isGiven ? depth : depth - 1
  if (shape.kind === 'struct') {
    for (const field of schemaOf(shape.type)?.fields.values() ?? []) {
      const inner = (value as Json | undefined)?.[field.name]
      yield* placesAt({ path: [...path, field.name], shape: field.shape, value: inner }, left)
    }
    return
  }
  const key = shape.kind === 'list' ? 0 : isGiven ? Object.keys(value as Json)[0] : 'k'
  if (key === undefined || shape.of.kind === 'scalar') return
  yield* placesAt({ path: [...path, key], shape: shape.of, value: (value as Json | undefined)?.[key] }, left)
}

/** The ways to fill a field. Some are valid, some are not at all, as the field will have it. */
export function* fillingsOf(place: Place): Generator<FillingWay> {
  const { shape, value } = place
  if (shape.kind === 'scalar') yield* texts(shape.scalar)
  if (shape.kind === 'map') yield* maps(shape.of, value as Json | undefined)
  if (shape.kind === 'list') yield* lists(shape.of, value as readonly unknown[] | undefined)
}

function* texts(scalar: ScalarKind): Generator<FillingWay> {
  if (scalar === 'any') {
    yield { name: 'members', make: () => Object.fromEntries(numbered(VALUES, (at) => [`k${at}`, at])) }
    return
  }
  const repeated = (part: string) => () => part.repeat(Math.floor(BYTES / Buffer.byteLength(part)))
  yield { name: 'letters', make: repeated('a') }
  yield { name: 'digits', make: repeated('1') }
  for (const part of ['a.', 'a/', 'a,', 'a=b,', 'é', '\n', '{{', '$(A)', '1.2.3.4,', '"'])
    yield { name: `text of ${JSON.stringify(part)}`, make: repeated(part) }
}

function* maps(of: Shape, given: Json | undefined): Generator<FillingWay> {
  const item = given === undefined ? undefined : Object.values(given)[0]
  const fill = (name: string, keyOf: (at: number) => string, valueOf: (at: number) => unknown): FillingWay => ({
    name,
    make: () => Object.fromEntries(numbered(countOf(valueOf(0), keyOf(0)), (at) => [keyOf(at), valueOf(at)])),
  })
  const same = () => item ?? sample(of)
  yield fill('keys', (at) => `k${at}`, same)
  yield fill('prefixed keys', (at) => `example.com/k${at}`, same)
  yield fill('bad keys', (at) => `Bad Key! ${at}`, same)
  yield fill('long keys', (at) => `${'k'.repeat(230)}${at}`, same)
  if (of.kind === 'scalar')
    yield fill(
      'bad values',
      (at) => `k${at}`,
      (at) => bad(of, at),
    )
}

function* lists(of: Shape, given: readonly unknown[] | undefined): Generator<FillingWay> {
  const item = given?.[0] ?? sample(of)
  const fill = (name: string, itemOf: (at: number) => unknown): FillingWay => ({
    name,
    make: () => numbered(countOf(itemOf(0), ''), itemOf),
  })
  yield fill('equal', () => item)
  yield fill('distinct', (at) => distinct(item, at))
  if (of.kind === 'struct') {
    yield fill('empty', () => ({}))
    yield fill('bad', (at) => badStruct(of, at))
    yield fill('distinct and full', (at) => distinct(full(of, 1), at))
  } else yield fill('bad', (at) => bad(of, at))
}

function countOf(item: unknown, key: string): number {
  const values = Math.max(1, valuesOf(item))
  return Math.max(1, Math.floor(Math.min(VALUES / values, BYTES / (JSON.stringify(item).length + key.length + 9))))
}

const numbered = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))

function valuesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, member: unknown) => sum + valuesOf(member), 0)
}

/** The texts and numbers that stand in an item itself made others for each. */
function distinct(item: unknown, at: number): unknown {
  if (typeof item === 'number') return at + 1
  if (typeof item === 'string') return /^\d+\.\d+\.\d+\.\d+/.test(item) ? addressed(item, at) : `${item}${at}`
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      if (typeof value === 'string' && /^[A-Z][A-Za-z]+$/.test(value)) return [name, value] // one of some words
      return [name, typeof value === 'object' ? value : distinct(value, at)]
    }),
  )
}

const addressed = (address: string, at: number) =>
  address.replace(/^\d+\.\d+\.\d+\.\d+/, `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`)

function bad(shape: Shape, at: number): unknown {
  if (shape.kind !== 'scalar') return {}
  if (shape.scalar === 'string') return `Bad Value! ${at}`
  if (['int32', 'int64', 'double'].includes(shape.scalar)) return -1 - at
  return sample(shape)
}

function badStruct({ type }: { readonly type: string }, at: number): Json {
  const fields = [...(schemaOf(type)?.fields.values() ?? [])].filter(({ shape }) => shape.kind === 'scalar')
  return Object.fromEntries(fields.slice(0, 3).map(({ name, shape }) => [name, bad(shape, at)]))
}

/** A value with every field that is no struct itself. */
function full(shape: Shape, depth: number): unknown {
  if (shape.kind !== 'struct' || depth < 0) return sample(shape)
  const fields = [...(schemaOf(shape.type)?.fields.values() ?? [])].filter(({ shape: of }) => of.kind === 'scalar')
  return Object.fromEntries(fields.map((field) => [field.name, field.enum?.[0] ?? sample(field.shape)]))
}

function sample(shape: Shape): unknown {
  if (shape.kind === 'list') return []
  if (shape.kind === 'struct') return full(shape, 0)
  if (shape.kind === 'map') return {}
  const samples: Partial<Record<ScalarKind, unknown>> = {
    boolean: true,
    int32: 1,
    int64: 1,
    double: 1,
    bytes: 'AA==',
    Quantity: '1',
    Time: '2020-01-01T00:00:00Z',
    MicroTime: '2020-01-01T00:00:00.000000Z',
    Duration: '1h',
    IntOrString: 1,
    any: {},
  }
  return samples[shape.scalar] ?? 'x'
}

/** The object with its field filled. */
export const filled = (object: Json, { path }: Place, { value }: Filling): Json =>
  applied(object, { path, label: '', value })
