/**
 * Bodies that say a key twice, read as Go reads them into structs: what came first stays where the later value says
 * nothing of it (https://pkg.go.dev/encoding/json#Unmarshal, of maps, pointers and slices that are there already).
 */

import type { EarlierValues } from '../json/repeated.ts'
import type { FieldSchema, SchemaLookup, ScalarKind, Shape } from '../schema.ts'

type Members = Readonly<Record<string, unknown>>

/** What these are to Go takes a null as it comes, or has none to keep. */
const TAKES_NULL: ReadonlySet<ScalarKind> = new Set(['bytes', 'Quantity', 'Time', 'MicroTime', 'IntOrString', 'any'])

/** The one value that all values of each repeated key come to. The input is not changed. */
export function joinRepeated(value: unknown, type: string, schemas: SchemaLookup, earlier: EarlierValues): unknown {
  return new Joiner(schemas, earlier).join([value], { kind: 'struct', type }, false)
}

class Joiner {
  readonly #schemas: SchemaLookup
  readonly #earlier: EarlierValues

  constructor(schemas: SchemaLookup, earlier: EarlierValues) {
    this.#schemas = schemas
    this.#earlier = earlier
  }

  /** `values` are those of one place, in order. */
  join(values: readonly unknown[], shape: Shape, isPointer: boolean): unknown {
    const given = isPointer || takesNull(shape) ? values.slice(values.lastIndexOf(null) + 1) : values.filter(isGiven)
    if (given.length === 0) return null
    // Whoever reads on refuses it.
    const wrong = given.find((value) => !isOfKind(value, shape))
    if (wrong !== undefined) return wrong
    switch (shape.kind) {
      case 'scalar':
        return given.at(-1)
      case 'struct':
        return this.#joinStructs(given as readonly Members[], this.#schemas(shape.type)?.fields)
      case 'map':
        return this.#joinMaps(given as readonly Members[], shape.of)
      case 'list':
        return this.#joinLists(given as readonly (readonly unknown[])[], shape.of)
    }
  }

  #joinStructs(structs: readonly Members[], fields: ReadonlyMap<string, FieldSchema> | undefined): Members {
    const all = new Map<string, unknown[]>()
    for (const struct of structs) {
      const before = this.#earlier.get(struct)
      for (const [key, value] of Object.entries(struct)) {
        const values = all.get(key) ?? []
        for (const first of before?.get(key) ?? []) values.push(first)
        values.push(value)
        all.set(key, values)
      }
    }
    const joined: Record<string, unknown> = {}
    for (const [key, values] of all) {
      const field = fields?.get(key)
      joined[key] = field === undefined ? values.at(-1) : this.join(values, field.shape, field.pointer)
    }
    return joined
  }

  /** The value of a key is one value, and none that another is read into. */
  #joinMaps(maps: readonly Members[], of: Shape): Members {
    const joined: Record<string, unknown> = {}
    for (const map of maps) for (const key of Object.keys(map)) joined[key] = map[key]
    if (of.kind === 'scalar') return joined
    for (const key of Object.keys(joined)) joined[key] = this.join([joined[key]], of, false)
    return joined
  }

  /** Each item is read into the one that stood at its place, even where a shorter list came between. */
  #joinLists(lists: readonly (readonly unknown[])[], of: Shape): unknown[] {
    const since = lists.slice(lists.findLastIndex((list) => list.length === 0) + 1)
    const places = (since.at(-1) ?? []).map((): unknown[] => [])
    for (const list of since) {
      for (const [at, item] of list.entries()) {
        if (at >= places.length) break
        places[at]!.push(item)
      }
    }
    return places.map((items) => this.join(items, of, false))
  }
}

const isGiven = (value: unknown) => value !== null

const takesNull = (shape: Shape) => (shape.kind === 'scalar' ? TAKES_NULL.has(shape.scalar) : shape.kind !== 'struct')

function isOfKind(value: unknown, shape: Shape): boolean {
  if (shape.kind === 'list') return Array.isArray(value)
  if (shape.kind !== 'scalar') return typeof value === 'object' && !Array.isArray(value)
  switch (shape.scalar) {
    case 'string':
    case 'boolean':
      return typeof value === shape.scalar
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint'
    case 'bytes':
    case 'Quantity':
    case 'Time':
    case 'MicroTime':
    case 'Duration':
    case 'IntOrString':
    case 'any':
      return true
  }
}
