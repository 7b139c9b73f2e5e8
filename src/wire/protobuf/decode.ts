/**
 * Protobuf to objects as JSON would have them: a field that Go's structs omit when empty is absent when it is zero,
 * and fields that are not known are skipped.
 */
import { formatDuration } from '../decode/duration.ts'
import { formatMicroTime, formatTime, zeroTimeSeconds } from '../decode/time.ts'
import { readJson } from '../json/parse.ts'
import { scanJson } from '../json/scan.ts'
import type { CustomForm, FieldSchema, ScalarKind, SchemaLookup, Shape, StructSchema } from '../schema.ts'
import { ProtobufError, ProtobufReader, wireTypes } from './reader.ts'

const nothing = new Uint8Array()

type Fields = Record<string, unknown>
/** Reads one value; `undefined` for one that is as good as absent. */
type ReadValue = (reader: ProtobufReader) => unknown

/** How the field of one tag goes into the object. */
type ReadField = (object: Fields, reader: ProtobufReader) => void

interface MessagePlan {
  /** By tag, that is number and wire type. */
  readonly fields: ReadonlyMap<number, ReadField>
  /** Structs that are no pointers are there even when the bytes lack them. */
  readonly always: readonly { readonly name: string; readonly make: () => unknown }[]
}

/** Decoders of the messages of `schemas`, each made once. `embedded` reads what a raw object holds as protobuf. */
export class MessageDecoders {
  readonly #schemas: SchemaLookup
  readonly #embedded: (bytes: Buffer, depth: number, maxValues: number) => unknown
  readonly #plans = new Map<string, (reader: ProtobufReader) => Fields>()

  constructor(schemas: SchemaLookup, embedded: (bytes: Buffer, depth: number, maxValues: number) => unknown) {
    this.#schemas = schemas
    this.#embedded = embedded
  }

  /** Reads the fields of a message, up to its end. */
  message(typeKey: string): (reader: ProtobufReader) => Fields {
    const known = this.#plans.get(typeKey)
    if (known !== undefined) return known
    const schema = this.#schemas(typeKey)
    if (schema === undefined) throw new Error(`no type is known of ${typeKey}`)
    if (!schema.hasProto) throw new ProtobufError(`${typeKey} has no protobuf form`)
    let plan: MessagePlan | undefined
    const read = (reader: ProtobufReader): Fields => {
      plan ??= this.#planOf(schema) // late, for types may contain themselves
      const object: Fields = {}
      readFields(object, plan.fields, reader)
      for (const { name, make } of plan.always) object[name] ??= make()
      return object
    }
    this.#plans.set(typeKey, read)
    return read
  }

  #planOf(schema: StructSchema): MessagePlan {
    const fields = [...schema.fields.values()].filter((field) => field.proto !== undefined)
    const structs = fields.filter(({ shape, pointer }) => shape.kind === 'struct' && !pointer)
    return {
      fields: this.#fieldsOf(fields, 0),
      always: structs.map(({ name, shape }) => ({
        name,
        make: () => this.message((shape as { type: string }).type)(new ProtobufReader(nothing)),
      })),
    }
  }

  #fieldsOf(fields: readonly FieldSchema[], depth: number): ReadonlyMap<number, ReadField> {
    const plan = new Map<number, ReadField>()
    const embedded = new Map<number, FieldSchema[]>()
    for (const field of fields) {
      const inside = field.embeddedIn?.[depth]
      if (inside === undefined) this.#addField(plan, field)
      else embedded.set(inside, [...(embedded.get(inside) ?? []), field])
    }
    for (const [number, inner] of embedded) {
      const own = this.#fieldsOf(inner, depth + 1)
      plan.set(number * 8 + wireTypes.bytes, (object, reader) => {
        reader.message(() => readFields(object, own, reader))
      })
    }
    return plan
  }

  #addField(plan: Map<number, ReadField>, field: FieldSchema): void {
    const { name, shape } = field
    const { number, wrapped } = field.proto!
    const tag = number * 8
    if (shape.kind === 'map') plan.set(tag + wireTypes.bytes, this.#mapField(name, shape.of, wrapped === true))
    else if (shape.kind === 'list' && wrapped === true) {
      plan.set(tag + wireTypes.bytes, (object, reader) => {
        object[name] = readItems(reader)
      })
    } else if (shape.kind === 'list') {
      const read = this.#value(shape.of)
      const add: ReadField = (object, reader) => {
        const list = (object[name] ??= []) as unknown[]
        const before = reader.values
        list.push(read(reader) ?? null)
        // An object is as much as what is in it.
        if (reader.values > before) reader.values--
      }
      const wire = wireOf(shape.of)
      plan.set(tag + wire, add)
      // Other languages pack numbers; Go reads both.
      if (wire !== wireTypes.bytes) {
        plan.set(tag + wireTypes.bytes, (object, reader) => {
          reader.message(() => {
            while (reader.at < reader.end) add(object, reader)
          })
        })
      }
    } else plan.set(tag + wireOf(shape), this.#single(field, this.#value(shape)))
  }

  #single({ name, shape, pointer, omitEmpty }: FieldSchema, read: ReadValue): ReadField {
    const omitsZero = omitEmpty && !pointer && shape.kind === 'scalar'
    return (object, reader) => {
      const value = read(reader)
      if (value === undefined) return
      if (omitsZero && (value === '' || value === 0 || value === false)) delete object[name]
      else object[name] = value
    }
  }

  #mapField(name: string, of: Shape, wrapped: boolean): ReadField {
    const read = wrapped ? readItems : this.#value(of)
    const wire = wrapped ? wireTypes.bytes : wireOf(of)
    const zero = wrapped || of.kind === 'struct' ? undefined : of.kind === 'scalar' ? zeros[of.scalar] : undefined
    return (object, reader) => {
      let key = ''
      let value: unknown = zero
      reader.message(() => {
        for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
          if (tag === 0x0a) key = reader.text()
          else if (tag === 16 + wire) value = read(reader)
          else reader.skip(tag & 7)
        }
      })
      if (key === '__proto__') throw new ProtobufError('the key "__proto__" is not accepted')
      const map = (object[name] ??= {}) as Fields
      map[key] = value ?? null
    }
  }

  #value(shape: Shape): ReadValue {
    if (shape.kind === 'struct') {
      const read = this.message(shape.type)
      return (reader) => reader.message(read)
    }
    if (shape.kind !== 'scalar') throw new Error('protobuf has no lists of lists')
    if (shape.custom !== undefined && shape.custom !== 'raw') return this.#schemaOr(shape.custom)
    if (shape.scalar === 'any') return (reader) => this.#raw(reader)
    return scalarReaders[shape.scalar]
  }

  #raw(reader: ProtobufReader): unknown {
    const raw = readOnly(reader, (tag) => (tag === 0x0a ? reader.bytes() : undefined))
    if (raw === undefined || raw.length === 0) return undefined
    if (raw.length > 4 && raw.readUInt32BE(0) === 0x6b387300)
      return this.#embedded(raw, reader.depth, reader.maxValues - reader.values)
    if (reader.maxValues !== Number.POSITIVE_INFINITY) reader.countValue(scanJson(raw).values)
    try {
      return readJson(raw)
    } catch (error) {
      throw new ProtobufError(`a raw object is no JSON: ${(error as Error).message}`, { cause: error })
    }
  }

  #schemaOr(form: Exclude<CustomForm, 'raw'>): ReadValue {
    const schema = this.#value({ kind: 'struct', type: 'apiextensions/v1.JSONSchemaProps' })
    const schemaTag = form === 'schemaOrBoolean' ? 0x12 : 0x0a
    return (reader) => {
      let value: unknown
      reader.message(() => {
        for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
          if (tag === schemaTag) value = schema(reader)
          else if (tag === 0x08 && form === 'schemaOrBoolean') value ??= reader.bool()
          else if (tag === 0x12) {
            const list = (Array.isArray(value) ? value : (value = [])) as unknown[]
            list.push(form === 'schemaOrArray' ? schema(reader) : reader.text())
          } else reader.skip(tag & 7)
        }
      })
      return value ?? (form === 'schemaOrBoolean' ? false : [])
    }
  }
}

function readFields(object: Fields, fields: ReadonlyMap<number, ReadField>, reader: ProtobufReader): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    reader.countValue()
    const field = fields.get(tag)
    if (field === undefined) reader.skip(tag & 7)
    else field(object, reader)
  }
}

/** Reads a message, keeping the last value that `read` knows of. `read` answers undefined for tags to skip. */
function readOnly<T>(reader: ProtobufReader, read: (tag: number) => T | undefined): T | undefined {
  let value: T | undefined
  reader.message(() => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      const found = read(tag)
      if (found === undefined) reader.skip(tag & 7)
      else value = found
    }
  })
  return value
}

function readItems(reader: ProtobufReader): string[] {
  const items: string[] = []
  readOnly(reader, (tag) => (tag === 0x0a ? items.push(reader.listed()) : undefined))
  return items
}

function readInstant(reader: ProtobufReader): { seconds: number; nanos: number } | undefined {
  let seconds = 0
  let nanos = 0
  let isSet = false
  reader.message(() => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      isSet = true
      if (tag === 0x08) seconds = Number(reader.int64())
      else if (tag === 0x10) nanos = reader.int32()
      else reader.skip(tag & 7)
    }
  })
  if (!isSet || seconds === zeroTimeSeconds) return undefined
  if (Math.abs(seconds) > 253_402_300_799) throw new ProtobufError('a time is out of range')
  return { seconds, nanos: Math.min(Math.max(nanos, 0), 999_999_999) }
}

const zeros: Partial<Record<ScalarKind, unknown>> = {
  string: '',
  bytes: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
}

const scalarReaders: Readonly<Record<ScalarKind, ReadValue>> = {
  string: (reader) => reader.text(),
  boolean: (reader) => reader.bool(),
  int32: (reader) => reader.int32(),
  int64: (reader) => reader.int64(),
  double: (reader) => reader.double(),
  bytes: (reader) => reader.bytes().toString('base64'),
  Quantity: (reader) => amountOf(readOnly(reader, (tag) => (tag === 0x0a ? reader.text() : undefined)) ?? '0'),
  Time: (reader) => {
    const instant = readInstant(reader)
    return instant === undefined ? undefined : formatTime(instant.seconds)
  },
  MicroTime: (reader) => {
    const instant = readInstant(reader)
    return instant === undefined ? undefined : formatMicroTime(instant)
  },
  Duration: (reader) =>
    formatDuration(BigInt(readOnly(reader, (tag) => (tag === 0x08 ? reader.int64() : undefined)) ?? 0)),
  IntOrString: (reader) => {
    let isText = false
    let number = 0
    let text = ''
    reader.message(() => {
      for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
        if (tag === 0x08) isText = reader.int32() === 1
        else if (tag === 0x10) number = reader.int32()
        else if (tag === 0x1a) text = reader.text()
        else reader.skip(tag & 7)
      }
    })
    return isText ? text : number
  },
  any: () => {
    throw new Error('raw objects are read elsewhere')
  },
}

/** Only JSON forgives the space around an amount: in quotes it is one that nobody reads. */
function amountOf(text: string): string {
  return text.trim() === text ? text : JSON.stringify(text)
}

function wireOf(shape: Shape): number {
  if (shape.kind !== 'scalar') return wireTypes.bytes
  if (shape.scalar === 'double') return wireTypes.fixed64
  return shape.scalar === 'boolean' || shape.scalar === 'int32' || shape.scalar === 'int64'
    ? wireTypes.varint
    : wireTypes.bytes
}
