/**
 * What stands in the database file. `log` holds every change by revision, with its value; `keys` holds where the
 * newest value of every living key stands in the log; `meta` holds a few numbers. All integers are big-endian.
 */

import { crc32 } from 'node:zlib'

/** Where a value stands in the log, and when its key was created. */
export interface Pointer {
  readonly createRevision: number
  readonly modRevision: number
  /** Its place among the changes of that revision. */
  readonly sub: number
}

/** One change, as the log has it. */
export interface LogRecord {
  readonly type: 'put' | 'delete'
  readonly key: string
  /** For a put: when the key was created; 0 for a delete. */
  readonly createRevision: number
  /** What the key's value was before, if it had one. */
  readonly previous: Pointer | undefined
  readonly value: Uint8Array
}

const POINTER_BYTES = 14
const HEADER_BYTES = 1 + 4 + 6 + POINTER_BYTES + 2
const PUT = 1
const DELETE = 2

/** The log's key of one change. Sorts by revision, then by place. */
export function logKey(revision: number, sub: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeUIntBE(revision, 0, 6)
  key.writeUInt16BE(sub, 6)
  return key
}

export function readLogKey(key: Buffer): { readonly revision: number; readonly sub: number } {
  return { revision: key.readUIntBE(0, 6), sub: key.readUInt16BE(6) }
}

export function encodePointer(pointer: Pointer, into = Buffer.allocUnsafe(POINTER_BYTES), at = 0): Buffer {
  into.writeUIntBE(pointer.createRevision, at, 6)
  into.writeUIntBE(pointer.modRevision, at + 6, 6)
  into.writeUInt16BE(pointer.sub, at + 12)
  return into
}

export function decodePointer(bytes: Buffer, at = 0): Pointer {
  return {
    createRevision: bytes.readUIntBE(at, 6),
    modRevision: bytes.readUIntBE(at + 6, 6),
    sub: bytes.readUInt16BE(at + 12),
  }
}

const NOWHERE: Pointer = { createRevision: 0, modRevision: 0, sub: 0 }

export function encodeRecord({ type, key, createRevision, previous = NOWHERE, value }: LogRecord): Buffer {
  const keyLength = Buffer.byteLength(key)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + keyLength + value.byteLength)
  bytes[0] = type === 'put' ? PUT : DELETE
  bytes.writeUIntBE(createRevision, 5, 6)
  encodePointer(previous, bytes, 11)
  bytes.writeUInt16BE(keyLength, 25)
  bytes.write(key, HEADER_BYTES)
  bytes.set(value, HEADER_BYTES + keyLength)
  bytes.writeUInt32BE(crc32(bytes.subarray(5)), 1)
  return bytes
}

/** `undefined` when the bytes are not what was written. The value shares `bytes`. */
export function decodeRecord(bytes: Buffer): LogRecord | undefined {
  if (bytes.length < HEADER_BYTES || (bytes[0] !== PUT && bytes[0] !== DELETE)) return undefined
  if (crc32(bytes.subarray(5)) !== bytes.readUInt32BE(1)) return undefined
  const previous = decodePointer(bytes, 11)
  const valueAt = HEADER_BYTES + bytes.readUInt16BE(25)
  return {
    type: bytes[0] === PUT ? 'put' : 'delete',
    key: bytes.toString('utf8', HEADER_BYTES, valueAt),
    createRevision: bytes.readUIntBE(5, 6),
    previous: previous.modRevision === 0 ? undefined : previous,
    value: bytes.subarray(valueAt),
  }
}
