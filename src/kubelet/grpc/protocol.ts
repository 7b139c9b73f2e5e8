/** Encodes and decodes messages of gRPC servers: protobuf to plain objects and back, by facts written out by hand. */

import protobuf from 'protobufjs/light.js'

/**
 * Field name to number and type. `[]` after a type: repeated; `{}` before it: a map from text to it. A name with a
 * capital is a message or an enum of the same protocol.
 */
export type MessageFacts = Readonly<Record<string, readonly [number: number, type: string]>>

/** A decoded message: 64-bit integers are text, enums their names, absent messages `undefined`. */
export type Plain = Readonly<Record<string, unknown>>

/** The messages of one server. */
export interface Protocol {
  /** The bytes of a message. Fields that are `undefined` are left out. */
  encode(name: string, value: object): Buffer
  /** The message in `bytes`, every scalar, list and map present. */
  decode(name: string, bytes: Uint8Array): Plain
}

export interface ProtocolFacts {
  readonly messages: Readonly<Record<string, MessageFacts>>
  /** Names of values, counted from 0. */
  readonly enums?: Readonly<Record<string, readonly string[]>>
}

/** Nothing is built before the first message. */
export function createProtocol(facts: ProtocolFacts): Protocol {
  let root: protobuf.Root | undefined
  const types = new Map<string, protobuf.Type>()
  const lookup = (name: string): protobuf.Type => {
    let type = types.get(name)
    if (type === undefined) {
      root ??= buildRoot(facts)
      type = root.lookupType(name)
      types.set(name, type)
    }
    return type
  }
  return {
    encode(name, value) {
      const type = lookup(name)
      return Buffer.from(type.encode(type.fromObject(value as Record<string, unknown>)).finish())
    },
    decode(name, bytes) {
      const type = lookup(name)
      return type.toObject(type.decode(bytes), { defaults: true, longs: String, enums: String })
    },
  }
}

function buildRoot({ messages, enums = {} }: ProtocolFacts): protobuf.Root {
  const root = new protobuf.Root()
  for (const [name, values] of Object.entries(enums)) {
    root.add(new protobuf.Enum(name, Object.fromEntries(values.map((value, index) => [value, index]))))
  }
  for (const [name, facts] of Object.entries(messages)) root.add(typeOf(name, facts))
  return root
}

function typeOf(name: string, facts: MessageFacts): protobuf.Type {
  const type = new protobuf.Type(name)
  for (const [field, [number, kind]] of Object.entries(facts)) {
    if (kind.startsWith('{}')) type.add(new protobuf.MapField(field, number, 'string', kind.slice(2)))
    else if (kind.endsWith('[]')) type.add(new protobuf.Field(field, number, kind.slice(0, -2), 'repeated'))
    else type.add(new protobuf.Field(field, number, kind))
  }
  return type
}
