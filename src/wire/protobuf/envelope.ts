/**
 * The frame around every protobuf body: four magic bytes and a `runtime.Unknown` that names the kind
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding), and the frames of a watch.
 */
import { ProtobufError, ProtobufReader } from './reader.ts'
import { ReverseWriter } from './writer.ts'

/** The content type of bodies. */
export const protobufContentType = 'application/vnd.kubernetes.protobuf'

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00])
const writer = new ReverseWriter()

/** What an envelope holds. `raw` is a view into the bytes it was read from. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Buffer
  readonly contentEncoding: string
  readonly contentType: string
}

/** Whether the bytes begin as every protobuf body of Kubernetes does. */
function isEnvelope(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && magic.every((byte, i) => bytes[i] === byte)
}

/** Puts the bytes of a message into an envelope. `parts` are written one behind the other. */
export function writeEnvelope(type: { apiVersion: string; kind: string }, ...parts: readonly Uint8Array[]): Buffer {
  writer.reset()
  writer.bytes(ENVELOPE_END)
  let length = 0
  for (const part of parts.toReversed()) {
    writer.bytes(part)
    length += part.length
  }
  writeHead(type, length)
  return writer.take()
}

/** What stands before and behind a message of so many bytes in its envelope: a large one need not be copied into it. */
export function envelopeAround(type: { apiVersion: string; kind: string }, length: number): readonly [Buffer, Buffer] {
  writer.reset()
  writeHead(type, length)
  return [writer.take(), ENVELOPE_END]
}

/** contentEncoding and contentType: none. */
const ENVELOPE_END = Buffer.from([0x1a, 0, 0x22, 0])

function writeHead(type: { apiVersion: string; kind: string }, length: number): void {
  writer.varint(length)
  writer.byte(0x12)
  const before = writer.length
  writer.text(type.kind)
  writer.byte(0x12)
  writer.text(type.apiVersion)
  writer.byte(0x0a)
  writer.varint(writer.length - before)
  writer.byte(0x0a)
  writer.bytes(magic)
}

/** Opens an envelope. Throws `ProtobufError` for bytes that are none. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw new ProtobufError('empty data')
  if (!isEnvelope(bytes)) {
    throw new ProtobufError(`provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]`)
  }
  if (bytes.length === magic.length) throw new ProtobufError('empty body')
  const reader = new ProtobufReader(bytes.subarray(magic.length))
  const envelope: { -readonly [Key in keyof Envelope]: Envelope[Key] } = {
    apiVersion: '',
    kind: '',
    raw: Buffer.alloc(0),
    contentEncoding: '',
    contentType: '',
  }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) reader.message((inner) => readTypeMeta(inner, envelope))
    else if (tag === 0x12) envelope.raw = reader.bytes()
    else if (tag === 0x1a) envelope.contentEncoding = reader.text()
    else if (tag === 0x22) envelope.contentType = reader.text()
    else reader.skip(tag & 7)
  }
  return envelope
}

function readTypeMeta(reader: ProtobufReader, into: { apiVersion: string; kind: string }): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) into.apiVersion = reader.text()
    else if (tag === 0x12) into.kind = reader.text()
    else reader.skip(tag & 7)
  }
}

/** One item of a list, ready to stand behind others: every list of Kubernetes has its items in field 2. */
export function listItem(message: Uint8Array): Buffer {
  writer.reset()
  writer.bytes(message)
  writer.varint(message.length)
  writer.byte(0x12)
  return writer.take()
}

/** The start of a list's message: its metadata, already a message, in field 1. The items follow. */
export function listHead(metadata: Uint8Array): Buffer {
  writer.reset()
  writer.bytes(metadata)
  writer.varint(metadata.length)
  writer.byte(0x0a)
  return writer.take()
}

/** One event of a watch: four bytes of length, then a `WatchEvent` around the object's envelope. */
export function watchFrame(type: string, envelope: Uint8Array): Buffer {
  writer.reset()
  const before = writer.length
  writer.bytes(envelope)
  writer.varint(envelope.length)
  writer.byte(0x0a)
  writer.varint(writer.length - before)
  writer.byte(0x12)
  writer.text(type)
  writer.byte(0x0a)
  const size = writer.length
  for (let i = 0; i < 4; i++) writer.byte((size >>> (8 * i)) & 255)
  return writer.take()
}

/** Reads a `WatchEvent` without its length. */
export function readWatchEvent(bytes: Uint8Array): { type: string; object: Envelope } {
  const reader = new ProtobufReader(bytes)
  let type = ''
  let object: Envelope | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) type = reader.text()
    else if (tag === 0x12) {
      reader.message((inner) => {
        for (let field = inner.tag(); field !== 0; field = inner.tag()) {
          if (field === 0x0a) object = readEnvelope(inner.bytes())
          else inner.skip(field & 7)
        }
      })
    } else reader.skip(tag & 7)
  }
  if (object === undefined) throw new ProtobufError('a watch event has no object')
  return { type, object }
}
