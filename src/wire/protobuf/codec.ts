/** Protobuf for all built-in kinds: objects to bytes and back. */
import type { SchemaLookup } from '../schema.ts'
import { MessageDecoders } from './decode.ts'
import { MessageEncoders } from './encode.ts'
import { readEnvelope, writeEnvelope } from './envelope.ts'
import { maxMessageDepth, ProtobufError, ProtobufReader } from './reader.ts'
import { ReverseWriter } from './writer.ts'

export interface ProtobufCodecDeps {
  readonly schemas: SchemaLookup
  /** The key of a kind's type; `undefined` for kinds that are not built in. */
  readonly typeKeyOf: (apiVersion: string, kind: string) => string | undefined
}

/** An object with its kind. */
export interface TypedObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly [field: string]: unknown
}

export interface ProtobufCodec {
  /** The message of a value of the type, without an envelope. */
  encodeMessage(value: object, typeKey: string): Buffer
  decodeMessage(bytes: Uint8Array, typeKey: string): Record<string, unknown>
  /** The whole body for an object that names its kind. Throws `ProtobufError` for a kind without protobuf form. */
  encode(object: TypedObject): Buffer
  /**
   * The object of a body, with `apiVersion` and `kind`. Absent and empty fields are as in canonical JSON, but run the
   * result through the typed decoder when it came from a client. Throws `ProtobufError`, for more than `maxValues`, too.
   */
  decode(body: Uint8Array, maxValues?: number): Record<string, unknown>
}

/** A codec that learns each type once, when it first meets it. */
export function createProtobufCodec({ schemas, typeKeyOf }: ProtobufCodecDeps): ProtobufCodec {
  const encoders = new MessageEncoders(schemas)
  const decoders = new MessageDecoders(schemas, (bytes, depth, maxValues) => decodeAt(bytes, depth, maxValues))
  const writer = new ReverseWriter()

  const keyOf = (apiVersion: string, kind: string): string => {
    const key = typeKeyOf(apiVersion, kind)
    if (key === undefined) throw new ProtobufError(`no kind ${JSON.stringify(kind)} is known in ${apiVersion}`)
    return key
  }
  const decodeAt = (body: Uint8Array, depth: number, maxValues?: number): Record<string, unknown> => {
    const { apiVersion, kind, raw } = readEnvelope(body)
    if (depth > maxMessageDepth) throw new ProtobufError('exceeded max depth')
    const reader = new ProtobufReader(raw)
    reader.depth = depth
    if (maxValues !== undefined) reader.maxValues = maxValues
    return { apiVersion, kind, ...decoders.message(keyOf(apiVersion, kind))(reader) }
  }
  const encodeMessage = (value: object, typeKey: string): Buffer => {
    writer.reset()
    encoders.message(typeKey)(value, writer)
    return writer.take()
  }

  return {
    encodeMessage,
    decodeMessage: (bytes, typeKey) => decoders.message(typeKey)(new ProtobufReader(bytes)),
    encode(object) {
      const { apiVersion = '', kind = '' } = object
      const typeKey = keyOf(apiVersion, kind)
      if (schemas(typeKey)?.hasProto !== true) throw new ProtobufError(`${kind} has no protobuf form`)
      return writeEnvelope({ apiVersion, kind }, encodeMessage(object, typeKey))
    },
    decode: (body, maxValues) => decodeAt(body, 0, maxValues),
  }
}

export { ProtobufError }
