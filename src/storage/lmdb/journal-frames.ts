/**
 * How the files of the journal read. A frame holds the changes of one write: a checksum, its length, the revision it
 * follows, and the changes. Behind the newest one stand zeros, so that a write that was cut short is told from what an
 * earlier turn left there. A frame without changes says that the store was closed at that revision.
 */

import { crc32 } from 'node:zlib'
import { readLogKey } from './records.ts'

/** A change as the journal has it: its place in the log, and the log's record of it. */
export interface Journaled {
  readonly logKey: Buffer
  readonly logValue: Buffer
}

export interface Frame {
  /** The revision before its first change. */
  readonly after: number
  readonly last: number
  readonly changes: readonly Journaled[]
}

/** What one file holds. */
export interface Content {
  /** Those that follow each other from the start of the file. */
  readonly frames: readonly Frame[]
  /** Where they end. */
  readonly end: number
  /** How many bytes stand there that are no frame: 0 where it ends as it should. */
  readonly rest: number
}

/** Checksum, length of what follows, revision before. As many zeros stand behind the newest frame. */
export const HEADER_BYTES = 4 + 4 + 6
const RECORD_HEADER_BYTES = 8 + 4

/** The revision that a journaled change was made at. */
export const revisionOf = (change: Journaled): number => readLogKey(change.logKey).revision

export function bytesOf(changes: readonly Journaled[]): number {
  return changes.reduce((sum, { logValue }) => sum + RECORD_HEADER_BYTES + logValue.length, HEADER_BYTES)
}

/** Writes a frame into bytes of just its length. */
export function encodeFrame(into: Buffer, changes: readonly Journaled[], after: number): void {
  into.writeUInt32BE(into.length - HEADER_BYTES, 4)
  into.writeUIntBE(after, 8, 6)
  let at = HEADER_BYTES
  for (const change of changes) {
    change.logKey.copy(into, at)
    into.writeUInt32BE(change.logValue.length, at + 8)
    change.logValue.copy(into, at + RECORD_HEADER_BYTES)
    at += RECORD_HEADER_BYTES + change.logValue.length
  }
  into.writeUInt32BE(crc32(into.subarray(4)), 0)
}

/** The frames of a file, each of which follows the one before. */
export function readFrames(bytes: Buffer): Content {
  const frames: Frame[] = []
  let end = 0
  for (;;) {
    const frame = readFrame(bytes.subarray(end))
    const before = frames.at(-1)
    if (frame === undefined || (before !== undefined && frame.after !== before.last)) break
    frames.push(frame)
    end += bytesOf(frame.changes)
  }
  return { frames, end, rest: restOf(bytes.subarray(end)) }
}

/** How much of what stands behind the last frame is none: all that its header says, or all there is. */
function restOf(bytes: Buffer): number {
  const header = bytes.subarray(0, HEADER_BYTES)
  if (header.every((byte) => byte === 0)) return 0
  const told = header.length < HEADER_BYTES ? 0 : HEADER_BYTES + header.readUInt32BE(4)
  return told > HEADER_BYTES && told <= bytes.length ? told : bytes.length
}

/** Revisions that stand further ahead than a file has bytes are none. */
const FURTHEST = 1 << 20

/**
 * The first frame behind `from` whose changes are newer than `revision`. Frames are written one after the other, each
 * when the one before is on the disk: so there is one only where what stood before it was damaged later. Values are JSON
 * and have no zeros in them, so that none of them reads as a frame.
 */
export function findNewer(bytes: Buffer, from: number, revision: number): Frame | undefined {
  for (let at = from; at + HEADER_BYTES < bytes.length; at++) {
    const length = bytes.readUInt32BE(at + 4)
    if (length === 0 || at + HEADER_BYTES + length > bytes.length) continue
    const ahead = bytes.readUIntBE(at + 8, 6) - revision
    if (ahead < 0 || ahead > FURTHEST) continue
    const frame = readFrame(bytes.subarray(at))
    if (frame !== undefined && frame.changes.length > 0) return frame
  }
  return undefined
}

function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const end = HEADER_BYTES + bytes.readUInt32BE(4)
  if (end > bytes.length || crc32(bytes.subarray(4, end)) !== bytes.readUInt32BE(0)) return undefined
  const changes: Journaled[] = []
  for (let at = HEADER_BYTES; at < end;) {
    const valueAt = at + RECORD_HEADER_BYTES
    const next = valueAt + bytes.readUInt32BE(at + 8)
    changes.push({ logKey: bytes.subarray(at, at + 8), logValue: bytes.subarray(valueAt, next) })
    at = next
  }
  const after = bytes.readUIntBE(8, 6)
  const last = changes.at(-1)
  return { after, last: last === undefined ? after : revisionOf(last), changes }
}
