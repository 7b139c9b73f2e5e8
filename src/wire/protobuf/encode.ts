/**
 * Objects to protobuf, byte for byte as the marshallers of Kubernetes's Go types write them: fields by number, those
 * that are no pointers always, maps sorted by key (https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding).
 */
import { parseDuration } from '../decode/duration.ts'
import { parseTime } from '../decode/time.ts'
import { textOf } from '../json/known-text.ts'
import type { CustomForm, FieldSchema, ScalarKind, SchemaLookup, Shape, StructSchema } from '../schema.ts'
import type { ReverseWriter } from './writer.ts'

type Fields = Readonly<Record<string, unknown>>

/** Writes a whole field, tag included, of the object that has it. */
type WriteField = (object: Fields, writer: ReverseWriter) => void
/** Writes one value without its tag. `undefined` stands for the zero value. */
type WriteValue = (value: unknown, writer: ReverseWriter) => void

const none: Fields = Object.freeze({})
const schemaProps = 'apiextensions/v1.JSONSchemaProps'

/** The wire types of values that are no length-prefixed bytes. */
const wireTypeOf: Partial<Record<ScalarKind, number>> = { boolean: 0, int32: 0, int64: 0, double: 1 }

/** Encoders of the messages of `schemas`, each made once. */
export class MessageEncoders {
  readonly #schemas: SchemaLookup
  readonly #plans = new Map<string, WriteValue>()

  constructor(schemas: SchemaLookup) {
    this.#schemas = schemas
  }

  /** Writes the fields of a message, without its length. */
  message(typeKey: string): WriteValue {
    const known = this.#plans.get(typeKey)
    if (known !== undefined) return known
    const schema = this.#schemas(typeKey)
    if (schema === undefined) throw new Error(`no type is known of ${typeKey}`)
    if (!schema.hasProto) throw new Error(`${typeKey} has no protobuf form`)
    let fields: readonly WriteField[] | undefined
    const write: WriteValue = (value, writer) => {
      fields ??= this.#fieldsOf(schema) // late, for types may contain themselves
      const object = (value ?? none) as Fields
      for (const field of fields) field(object, writer)
    }
    this.#plans.set(typeKey, write)
    return write
  }

  #fieldsOf(schema: StructSchema): WriteField[] {
    return this.#ordered([...schema.fields.values()], 0)
  }

  /** The writers of these fields, highest number first. `depth` embedded messages are around them. */
  #ordered(fields: readonly FieldSchema[], depth: number): WriteField[] {
    const writers: { number: number; write: WriteField }[] = []
    const embedded = new Map<number, FieldSchema[]>()
    for (const field of fields) {
      if (field.proto === undefined) continue
      const inside = field.embeddedIn?.[depth]
      if (inside === undefined) writers.push({ number: field.proto.number, write: this.#field(field) })
      else embedded.set(inside, [...(embedded.get(inside) ?? []), field])
    }
    for (const [number, inner] of embedded) {
      const own = this.#ordered(inner, depth + 1)
      const tag = tagOf(number, 2)
      const write: WriteField = (object, writer) => {
        const before = writer.length
        for (const field of own) field(object, writer)
        writer.varint(writer.length - before)
        writer.varint(tag)
      }
      writers.push({ number, write })
    }
    return writers.toSorted((a, b) => b.number - a.number).map(({ write }) => write)
  }

  #field(field: FieldSchema): WriteField {
    const { name, shape, pointer } = field
    const { number, wrapped } = field.proto!
    if (shape.kind === 'list')
      return wrapped === true ? this.#wrapped(name, number) : this.#list(name, number, shape.of)
    if (shape.kind === 'map') return this.#map(name, number, shape.of, wrapped === true)
    const write = this.#value(shape)
    const tag = tagOf(number, shape.kind === 'scalar' ? (wireTypeOf[shape.scalar] ?? 2) : 2)
    const isOmitted = pointer || (shape.kind === 'scalar' && shape.scalar === 'bytes')
    return (object, writer) => {
      const value = object[name]
      if (isOmitted && (value === undefined || value === null)) return
      write(value, writer)
      writer.varint(tag)
    }
  }

  #list(name: string, number: number, of: Shape): WriteField {
    const write = this.#value(of)
    const tag = tagOf(number, of.kind === 'scalar' ? (wireTypeOf[of.scalar] ?? 2) : 2)
    return (object, writer) => {
      const list = object[name] as readonly unknown[] | undefined
      if (list === undefined || list === null) return
      for (let i = list.length - 1; i >= 0; i--) {
        write(list[i], writer)
        writer.varint(tag)
      }
    }
  }

  #map(name: string, number: number, of: Shape, wrapped: boolean): WriteField {
    const write = wrapped ? writeItems : this.#value(of)
    const tag = tagOf(number, 2)
    const isBytes = of.kind === 'scalar' && of.scalar === 'bytes'
    return (object, writer) => {
      const map = object[name] as Fields | undefined
      if (map === undefined || map === null) return
      const keys = Object.keys(map)
      if (keys.length > 1) keys.sort()
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i]!
        const before = writer.length
        const value = map[key]
        if (!isBytes || (value !== undefined && value !== null)) {
          write(value, writer)
          writer.byte(0x12)
        }
        writer.text(key)
        writer.byte(0x0a)
        writer.varint(writer.length - before)
        writer.varint(tag)
      }
    }
  }

  /** A Go slice type that is a message of its own, `{ items = 1 }`. */
  #wrapped(name: string, number: number): WriteField {
    const tag = tagOf(number, 2)
    return (object, writer) => {
      const list = object[name]
      if (list === undefined || list === null) return
      writeItems(list, writer)
      writer.varint(tag)
    }
  }

  #value(shape: Shape): WriteValue {
    if (shape.kind === 'struct') return delimited(this.message(shape.type))
    if (shape.kind !== 'scalar') throw new Error('protobuf has no lists of lists')
    if (shape.custom !== undefined && shape.custom !== 'raw') return this.#schemaOr(shape.custom)
    return scalarWriters[shape.scalar]
  }

  #schemaOr(form: Exclude<CustomForm, 'raw'>): WriteValue {
    const schema = delimited(this.message(schemaProps))
    return delimited((value, writer) => {
      const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value)
      if (form === 'schemaOrBoolean') {
        if (isSchema) {
          schema(value, writer)
          writer.byte(0x12)
        }
        writer.byte(isSchema || value === true ? 1 : 0)
        writer.byte(0x08)
      } else if (isSchema) {
        schema(value, writer)
        writer.byte(0x0a)
      } else if (Array.isArray(value)) {
        for (let i = value.length - 1; i >= 0; i--) {
          if (form === 'schemaOrArray') schema(value[i], writer)
          else writer.text(value[i] as string)
          writer.byte(0x12)
        }
      }
    })
  }
}

function delimited(write: WriteValue): WriteValue {
  return (value, writer) => {
    const before = writer.length
    write(value, writer)
    writer.varint(writer.length - before)
  }
}

const writeItems = delimited((value, writer) => {
  const items = (value ?? []) as readonly string[]
  for (let i = items.length - 1; i >= 0; i--) {
    writer.text(items[i]!)
    writer.byte(0x0a)
  }
})

/** Values of the zero kind are written too: whether a field is there at all was decided before. */
const scalarWriters: Readonly<Record<ScalarKind, WriteValue>> = {
  string: (value, writer) => writer.text((value as string | undefined) ?? ''),
  boolean: (value, writer) => writer.byte(value === true ? 1 : 0),
  int32: (value, writer) => writer.int((value as number | undefined) ?? 0),
  int64: (value, writer) => writer.int((value as number | bigint | undefined) ?? 0),
  double: (value, writer) => writer.double((value as number | undefined) ?? 0),
  bytes: (value, writer) => {
    const bytes = Buffer.from((value as string | undefined) ?? '', 'base64')
    writer.bytes(bytes)
    writer.varint(bytes.length)
  },
  Quantity: (value, writer) => {
    const before = writer.length
    writer.text(value === undefined || value === null ? '0' : String(value as string | number))
    writer.byte(0x0a)
    writer.varint(writer.length - before)
  },
  Time: (value, writer) => writeInstant(value, writer, false),
  MicroTime: (value, writer) => writeInstant(value, writer, true),
  Duration: (value, writer) => {
    const before = writer.length
    writer.int(typeof value === 'string' ? parseDuration(value) : 0)
    writer.byte(0x08)
    writer.varint(writer.length - before)
  },
  IntOrString: (value, writer) => {
    const before = writer.length
    const isText = typeof value === 'string'
    writer.text(isText ? value : '')
    writer.byte(0x1a)
    writer.int(isText ? 0 : ((value as number | undefined) ?? 0))
    writer.byte(0x10)
    writer.byte(isText ? 1 : 0)
    writer.byte(0x08)
    writer.varint(writer.length - before)
  },
  any: (value, writer) => {
    const before = writer.length
    if (value !== undefined) {
      const bytes = Buffer.from(textOf(value))
      writer.bytes(bytes)
      writer.varint(bytes.length)
      writer.byte(0x0a)
    }
    writer.varint(writer.length - before)
  },
}

function writeInstant(value: unknown, writer: ReverseWriter, isMicro: boolean): void {
  if (typeof value !== 'string') return writer.byte(0)
  const before = writer.length
  const { seconds, nanos } = parseTime(value, isMicro)
  writer.varint(isMicro ? nanos - (nanos % 1000) : 0)
  writer.byte(0x10)
  writer.int(seconds)
  writer.byte(0x08)
  writer.varint(writer.length - before)
}

function tagOf(number: number, wireType: number): number {
  return number * 8 + wireType
}
