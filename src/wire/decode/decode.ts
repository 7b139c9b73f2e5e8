/**
 * Turns untyped data into an object of a built-in type, as the Go structs of the Kubernetes API do: unknown fields are
 * dropped and told, wrong types are refused in Go's words, null is absent, and (for whole objects) fields that the
 * structs always have are filled in and those they never write are dropped
 * (https://pkg.go.dev/sigs.k8s.io/json#UnmarshalStrict).
 */
import { copyOf } from '../json/copy.ts'
import { noteGiven, noteLeftOut } from '../json/nil.ts'
import { earlierValues } from '../json/repeated.ts'
import type { CustomForm, FieldSchema, SchemaLookup, Shape, StructSchema } from '../schema.ts'
import { DecodeContext, DecodeError, type UnknownField } from './context.ts'
import { joinRepeated } from './repeated.ts'
import { scalarReader, type Reader } from './scalars.ts'

export interface DecoderDeps {
  readonly schemas: SchemaLookup
  /** A quantity's canonical text. Throws an `Error` with the API server's text for what is no quantity. */
  readonly canonicalQuantity: (text: string) => string
}

export interface DecodeOptions {
  /**
   * Whether the data is a whole object (the default) or, as for server-side apply, a part of one. Only a whole
   * object is completed: `status: {}` is filled in, `hostNetwork: false` is dropped.
   */
  readonly partial?: boolean | undefined
  /** Fields that are null stay: to say null of a field is to have an opinion on it. */
  readonly keepsNull?: boolean | undefined
  /** What is frozen in the data is a part of an object that was decoded before: it is copied as it is. */
  readonly hasDecoded?: boolean | undefined
  /** Of lists and maps that are empty it is noted that they were given: they are owned, unlike those that were not. */
  readonly notesEmpty?: boolean
  /** Whole numbers that were not written as such, by their paths: Go takes them for none. */
  readonly fractions?: ReadonlyMap<string, string> | undefined
  /** The data is converted, as an applied configuration is, not read from JSON: whole numbers are cut to their bits. */
  readonly converts?: boolean | undefined
}

/** An object and what was wrong enough to tell of, not to refuse. */
export interface Decoded {
  readonly value: Record<string, unknown>
  readonly unknown: readonly UnknownField[]
}

/** Decodes `value` as the type named by `typeKey` (`core/v1.Pod`). Throws `DecodeError`. The input is not changed. */
export type Decode = (value: unknown, typeKey: string, options?: DecodeOptions) => Decoded

/** A decoder for the types of `deps.schemas`. It learns each type once. */
export function createDecoder(deps: DecoderDeps): Decode {
  const types = new TypeReaders(deps)
  return (value, typeKey, options) => {
    const context = new DecodeContext(options?.partial !== true, options)
    const read = types.structReader(typeKey)
    const earlier = earlierValues(value)
    const given = earlier === undefined ? value : joinRepeated(value, typeKey, deps.schemas, earlier)
    return { value: read(given, context) as Record<string, unknown>, unknown: context.unknown }
  }
}

interface FieldReader {
  readonly read: Reader
  /** Go leaves the field out when its value is the zero of this kind. */
  readonly omits: 'never' | 'zero' | 'empty'
  readonly goPath: string
}

interface Fill {
  readonly name: string
  readonly make: (context: DecodeContext) => unknown
}

interface StructPlan {
  readonly fields: ReadonlyMap<string, FieldReader>
  readonly fills: readonly Fill[]
}

class TypeReaders {
  readonly #deps: DecoderDeps
  readonly #readers = new Map<string, Reader>()

  constructor(deps: DecoderDeps) {
    this.#deps = deps
  }

  structReader(typeKey: string): Reader {
    const known = this.#readers.get(typeKey)
    if (known !== undefined) return known
    const schema = this.#deps.schemas(typeKey)
    if (schema === undefined) throw new Error(`no type is known of ${typeKey}`)
    const goType = goTypeOf({ kind: 'struct', type: typeKey })
    const name = goType.slice(goType.indexOf('.') + 1)
    let plan: StructPlan | undefined
    const reader: Reader = (value, context) => {
      plan ??= this.#planOf(schema) // late, for types may contain themselves
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw context.unfit(value, goType, 'struct')
      }
      return readStruct(value as Record<string, unknown>, plan, name, context)
    }
    this.#readers.set(typeKey, reader)
    return reader
  }

  #planOf(schema: StructSchema): StructPlan {
    const fields = new Map<string, FieldReader>()
    const fills: Fill[] = []
    for (const field of schema.fields.values()) {
      const read = this.#reader(field.shape, field.goType ?? goTypeOf(field.shape))
      const goPath = field.embedded === undefined ? field.name : `${field.embedded}.${field.name}`
      fields.set(field.name, { read, omits: omission(field), goPath })
      const make = this.#zero(field)
      if (make !== undefined) fills.push({ name: field.name, make })
    }
    return { fields, fills }
  }

  #reader(shape: Shape, goType: string): Reader {
    switch (shape.kind) {
      case 'struct':
        return this.structReader(shape.type)
      case 'list':
        return this.#listReader(shape.of, goType)
      case 'map':
        return this.#mapReader(shape.of, goType)
      case 'scalar':
        if (shape.custom !== undefined && shape.custom !== 'raw') return this.#schemaReader(shape.custom)
        return scalarReader(shape.scalar, goType, this.#deps.canonicalQuantity)
    }
  }

  #listReader(of: Shape, goType: string): Reader {
    const read = this.#reader(of, goType.startsWith('[]') ? goType.slice(2) : goTypeOf(of))
    const zero = this.#zeroOf(of)
    return (value, context) => {
      if (!Array.isArray(value)) throw context.unfit(value, goType, 'slice')
      if (value.length === 0) return empty([], context)
      return value.map((item: unknown, index) => {
        if (item === null) return zero(context)
        context.enterIndex(index)
        const result = read(item, context)
        context.leave()
        return result
      })
    }
  }

  #mapReader(of: Shape, goType: string): Reader {
    const read = this.#reader(of, /^map\[[^\]]*\](.*)$/.exec(goType)?.[1] ?? goTypeOf(of))
    const zero = this.#zeroOf(of)
    const isText = of.kind === 'scalar' && of.custom === undefined && of.scalar === 'string'
    return (value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw context.unfit(value, goType, 'map')
      }
      const map: Record<string, unknown> = {}
      const keys = Object.keys(value)
      for (const key of keys) {
        if (key === '__proto__') throw new DecodeError('the key "__proto__" is not accepted')
        const item = (value as Readonly<Record<string, unknown>>)[key]
        if (isText && typeof item === 'string') {
          map[key] = item
          continue
        }
        if (item === null) {
          map[key] = zero(context)
          continue
        }
        // What is converted has no keys of maps in its path.
        if (!context.converts) context.enterKey(key)
        map[key] = read(item, context)
        if (!context.converts) context.leave()
      }
      context.isMapEmpty = keys.length === 0
      return keys.length === 0 ? empty(map, context) : map
    }
  }

  /** JSON schemas that may be a list, a boolean or texts instead. Upstream says nothing of unknown fields in them. */
  #schemaReader(form: Exclude<CustomForm, 'raw'>): Reader {
    const props: Shape = { kind: 'struct', type: 'apiextensions/v1.JSONSchemaProps' }
    const schema = this.#reader(props, goTypeOf(props))
    const item: Shape = form === 'schemaOrArray' ? props : { kind: 'scalar', scalar: 'string' }
    const list = this.#listReader(item, `[]${goTypeOf(item)}`)
    return (value, context) => {
      if (form === 'schemaOrBoolean' && typeof value === 'boolean') return value
      if (form === 'schemaOrBoolean' && (typeof value !== 'object' || Array.isArray(value))) {
        throw new DecodeError('boolean or JSON schema expected')
      }
      context.muted++
      const result = Array.isArray(value) ? list(value, context) : schema(value, context)
      context.muted--
      return result
    }
  }

  /** What Go has where nothing is given, if it writes that. */
  #zero({ name, shape, pointer, omitEmpty }: FieldSchema): Fill['make'] | undefined {
    if (pointer) return undefined
    // A time that nobody gave is written as unknown, but for that of an object's own creation.
    if (shape.kind === 'scalar' && isTime(shape.scalar)) return name === 'creationTimestamp' ? undefined : () => null
    if (shape.kind === 'struct') return this.#zeroOf(shape)
    if (shape.kind === 'scalar' && structScalars.has(shape.scalar)) return this.#zeroOf(shape)
    if (omitEmpty || (shape.kind === 'scalar' && !(shape.scalar in plainZeros))) return undefined
    return this.#zeroOf(shape)
  }

  #zeroOf(shape: Shape): Fill['make'] {
    if (shape.kind === 'struct') {
      const reader = this.structReader(shape.type)
      return (context) => reader({}, context)
    }
    if (shape.kind === 'list') return () => []
    if (shape.kind === 'map') return () => ({})
    const zero = plainZeros[shape.scalar] ?? otherZeros[shape.scalar] ?? null
    return () => zero
  }
}

/** What was given, and is empty. */
function empty<T extends object>(value: T, { notesEmpty }: DecodeContext): T {
  if (notesEmpty) noteGiven(value)
  return value
}

const plainZeros: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  IntOrString: 0,
}

const isTime = (scalar: string) => scalar === 'Time' || scalar === 'MicroTime'

/** Structs to Go, which never leaves those out. */
const structScalars: ReadonlySet<string> = new Set(['Quantity', 'Duration'])

/** Zero values that stand inside lists and maps. */
const otherZeros: Readonly<Record<string, unknown>> = { bytes: '', Quantity: '0', Duration: '0s' }

function readStruct(
  value: Record<string, unknown>,
  plan: StructPlan,
  name: string,
  context: DecodeContext,
): Record<string, unknown> {
  const outer = context.struct
  const result: Record<string, unknown> = {}
  for (const key in value) {
    const field = plan.fields.get(key)
    if (field === undefined) {
      context.noteUnknown(key, plan.fields.keys())
      continue
    }
    const member = value[key]
    if (member === null || member === undefined) {
      if (member === null && context.keepsNull) result[key] = null
      continue
    }
    let read: unknown
    if (context.hasDecoded && typeof member === 'object' && Object.isFrozen(member)) {
      read = copyOf(member)
      context.isMapEmpty = undefined
    } else {
      context.struct = name
      context.isMapEmpty = undefined
      context.enterField(key, field.goPath)
      read = field.read(member, context)
      context.leaveField()
    }
    if (read === undefined) continue
    if (context.complete && isOmitted(read, field.omits, context)) {
      if (context.notesEmpty && field.omits === 'empty') noteLeftOut(result, key, read as object)
      continue
    }
    result[key] = read
  }
  context.struct = outer
  if (context.complete) for (const fill of plan.fills) result[fill.name] ??= fill.make(context)
  return result
}

function omission({ shape, pointer, omitEmpty }: FieldSchema): FieldReader['omits'] {
  if (pointer || !omitEmpty) return 'never'
  if (shape.kind === 'list' || shape.kind === 'map') return 'empty'
  if (shape.kind === 'scalar' && (shape.scalar in plainZeros || shape.scalar === 'bytes')) return 'zero'
  return 'never'
}

function isOmitted(value: unknown, omits: FieldReader['omits'], { isMapEmpty }: DecodeContext): boolean {
  if (omits === 'never') return false
  if (omits === 'zero') return value === '' || value === 0 || value === false
  if (Array.isArray(value)) return value.length === 0
  // To ask a map of very many keys for the first takes as long as for all.
  if (isMapEmpty !== undefined) return isMapEmpty
  for (const _ in value as object) return false
  return true
}

const goScalars: Readonly<Record<string, string>> = { boolean: 'bool', double: 'float64', bytes: '[]uint8' }

function goTypeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'scalar':
      return goScalars[shape.scalar] ?? shape.scalar
    case 'list':
      return `[]${goTypeOf(shape.of)}`
    case 'map':
      return `map[${shape.keys ?? 'string'}]${goTypeOf(shape.of)}`
    case 'struct':
      return shape.type.slice(shape.type.lastIndexOf('/') + 1)
  }
}
