/** Encodes and decodes the runtime's messages: protobuf to plain objects and back. */

import protobuf from 'protobufjs/light.js'

import { ENUMS, MESSAGES, type MessageFacts } from './cri-messages.ts'

/** A decoded message: 64-bit integers are text, enums their names, absent messages `undefined`. */
export type Plain = Readonly<Record<string, unknown>>

function typeOf(name: string, facts: MessageFacts): protobuf.Type {
  const type = new protobuf.Type(name)
  for (const [field, [number, kind]] of Object.entries(facts)) {
    if (kind === '{}') type.add(new protobuf.MapField(field, number, 'string', 'string'))
    else if (kind.endsWith('[]')) type.add(new protobuf.Field(field, number, kind.slice(0, -2), 'repeated'))
    else type.add(new protobuf.Field(field, number, kind))
  }
  return type
}

function buildRoot(): protobuf.Root {
  const root = new protobuf.Root()
  for (const [name, values] of Object.entries(ENUMS)) {
    root.add(new protobuf.Enum(name, Object.fromEntries(values.map((value, index) => [value, index]))))
  }
  for (const [name, facts] of Object.entries(MESSAGES)) root.add(typeOf(name, facts))
  return root
}

let root: protobuf.Root | undefined
const types = new Map<string, protobuf.Type>()

function lookup(name: string): protobuf.Type {
  let type = types.get(name)
  if (type === undefined) {
    root ??= buildRoot()
    type = root.lookupType(name)
    types.set(name, type)
  }
  return type
}

/** The bytes of a message. Fields that are `undefined` are left out. */
export function encodeMessage(name: string, value: object): Buffer {
  const type = lookup(name)
  return Buffer.from(type.encode(type.fromObject(value as Record<string, unknown>)).finish())
}

/** The message in `bytes`, every scalar, list and map present. */
export function decodeMessage(name: string, bytes: Uint8Array): Plain {
  const type = lookup(name)
  return type.toObject(type.decode(bytes), { defaults: true, longs: String, enums: String })
}
