/**
 * Objects as messages of protobuf, field by field from the facts: a second hand beside the project's own encoder, which
 * writes only what its decoder has put in order. This one writes amounts, times and numbers as they are given.
 */

import { schemaOf } from '../../src/api/schemas.ts'
import type { FieldSchema, ScalarKind, Shape } from '../../src/wire/schema.ts'

type Json = { readonly [field: string]: unknown }

/** Thrown for a value that the message has no place for. */
class NoPlace extends Error {}

/** The body of an object in protobuf; nothing where the object holds what no message can say. */
export function bodyOf(object: Json, type: string): Buffer | undefined {
  if (schemaOf(type)?.hasProto !== true) return undefined
  try {
    const kind = message([part(1, text(object['apiVersion'])), part(2, text(object['kind']))])
    return message([Buffer.from('k8s\0'), part(1, kind), part(2, struct(object, type))])
  } catch (error) {
    if (error instanceof NoPlace) return undefined
    throw error
  }
}

const message = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts)

function struct(value: unknown, type: string): Buffer {
  if (!isMap(value)) throw new NoPlace('no object')
  const schema = schemaOf(type)!
  for (const name of Object.keys(value)) {
    if (name !== 'apiVersion' && name !== 'kind' && schema.fields.get(name)?.proto === undefined)
      throw new NoPlace(`no field ${name}`)
  }
  return inside(value, [...schema.fields.values()], 0)
}

/** The fields of a message, of which those that are embedded stand in messages of their own. */
function inside(value: Json, fields: readonly FieldSchema[], depth: number): Buffer {
  const parts = new Map<number, Buffer[]>()
  const embedded = new Map<number, FieldSchema[]>()
  for (const field of fields) {
    if (field.proto === undefined) continue
    const around = field.embeddedIn?.[depth]
    if (around === undefined) parts.set(field.proto.number, partsOf(field, value[field.name]))
    else embedded.set(around, [...(embedded.get(around) ?? []), field])
  }
  for (const [number, inner] of embedded) parts.set(number, [part(number, inside(value, inner, depth + 1))])
  return message([...parts].toSorted(([a], [b]) => a - b).flatMap(([, part]) => part))
}

function partsOf({ proto, shape }: FieldSchema, value: unknown): Buffer[] {
  if (value === undefined) return []
  const { number, wrapped } = proto!
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw new NoPlace('no list')
    if (wrapped === true) return [part(number, items(value))]
    return value.map((item) => one(number, shape.of, item))
  }
  if (shape.kind === 'map') {
    if (!isMap(value)) throw new NoPlace('no map')
    return Object.entries(value).map(([key, item]) => {
      const held = wrapped === true ? part(2, items(item)) : one(2, shape.of, item)
      return part(number, message([part(1, text(key)), held]))
    })
  }
  return [one(number, shape, value)]
}

function items(list: unknown): Buffer {
  if (!Array.isArray(list)) throw new NoPlace('no list')
  return message(list.map((item) => part(1, text(item))))
}

/** One value with its tag. */
function one(number: number, shape: Shape, value: unknown): Buffer {
  if (shape.kind === 'struct') return part(number, struct(value, shape.type))
  if (shape.kind !== 'scalar' || shape.custom !== undefined) throw new NoPlace('another form')
  return scalars[shape.scalar](number, value)
}

const scalars: Readonly<Record<ScalarKind, (number: number, value: unknown) => Buffer>> = {
  string: (number, value) => part(number, text(value)),
  boolean: (number, value) => {
    if (typeof value !== 'boolean') throw new NoPlace('neither true nor false')
    return whole(number, value ? 1 : 0)
  },
  int32: whole,
  int64: whole,
  double: (number, value) => {
    if (typeof value !== 'number') throw new NoPlace('no number')
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return message([varint(BigInt(number * 8 + 1)), bytes])
  },
  bytes: (number, value) => {
    const bytes = Buffer.from(text(value).toString(), 'base64')
    if (bytes.toString('base64') !== value) throw new NoPlace('no bytes')
    return part(number, bytes)
  },
  Quantity: (number, value) => part(number, part(1, text(typeof value === 'number' ? String(value) : value))),
  Time: instant,
  MicroTime: instant,
  Duration: (number, value) => {
    const hours = /^(-?\d+)h$/.exec(String(value))
    if (hours === null) throw new NoPlace('no span that is made here')
    return part(number, whole(1, Number(hours[1]) * 3.6e12))
  },
  IntOrString: (number, value) =>
    typeof value === 'string'
      ? part(number, message([whole(1, 1), whole(2, 0), part(3, text(value))]))
      : part(number, message([whole(1, 0), whole(2, value), part(3, text(''))])),
  any: (number, value) => part(number, part(1, Buffer.from(JSON.stringify(value)))),
}

function instant(number: number, value: unknown): Buffer {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) throw new NoPlace('no time')
  const seconds = Math.floor(at / 1000)
  return part(number, message([whole(1, seconds), whole(2, (at - seconds * 1000) * 1e6)]))
}

function whole(number: number, value: unknown): Buffer {
  if (!Number.isInteger(value)) throw new NoPlace('no whole number')
  return message([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, BigInt(value as number)))])
}

function text(value: unknown): Buffer {
  if (typeof value !== 'string') throw new NoPlace('no text')
  return Buffer.from(value)
}

/** Bytes with their tag and length. */
const part = (number: number, bytes: Buffer): Buffer =>
  message([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes])

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
