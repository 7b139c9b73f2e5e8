/**
 * The newest changes, in the order they were made: one synchronous write at the end of a file makes a group of them
 * durable, before LMDB has them. Two files take turns, so that one is written while what the other holds goes to LMDB;
 * both are written over in place, never emptied. A frame names the revision it follows, which tells it from what an
 * earlier turn left behind it (the idea: https://www.sqlite.org/wal.html).
 */

import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, write } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { readLogKey } from './records.ts'

/** A change as the journal has it: its place in the log, and the log's record of it. */
export interface Journaled {
  readonly logKey: Buffer
  readonly logValue: Buffer
}

const FILES = ['journal.0', 'journal.1']
/** A file never grows beyond this. */
const MAX_BYTES = 1 << 20
/** A file grows by so much at once: writing within a file is cheaper than making it longer. */
const GROWTH = 128 * 1_024
/** Checksum, length of what follows, revision before. */
const HEADER_BYTES = 4 + 4 + 6
const RECORD_HEADER_BYTES = 8 + 4

const writeAt = promisify(write)

/** One of the two files. */
interface Part {
  readonly fd: number
  /** Bytes that the file has. */
  size: number
  /** Where the next frame goes. */
  end: number
  /** The newest revision in it. */
  last: number
}

export class Journal {
  readonly #parts: readonly Part[]
  #at = 0

  constructor(folder: string) {
    this.#parts = FILES.map((name) => {
      const { O_RDWR, O_CREAT, O_DSYNC } = constants
      const fd = openSync(join(folder, name), O_RDWR | O_CREAT | O_DSYNC, 0o600)
      return { fd, size: fstatSync(fd).size, end: 0, last: 0 }
    })
    const names = openSync(folder, 'r')
    fsyncSync(names)
    closeSync(names)
  }

  /** All changes that the files hold whole, in order. Some of them may be long in LMDB. */
  read(): readonly Journaled[] {
    const frames = this.#parts.flatMap(({ fd, size }) => readFrames(fd, size))
    return frames.toSorted((a, b) => a.after - b.after).flatMap(({ changes }) => changes)
  }

  /** Whether these changes may be appended now. */
  hasRoom(changes: readonly Journaled[]): boolean {
    return this.#part.end + bytesOf(changes) <= MAX_BYTES
  }

  /** Appends the changes of the revisions after `after`, up to `last`. Resolves when they are on the disk. */
  async append(changes: readonly Journaled[], { after, last }: { after: number; last: number }): Promise<void> {
    const part = this.#part
    const length = bytesOf(changes)
    const end = part.end + length
    const size = end <= part.size ? part.size : Math.ceil(end / GROWTH) * GROWTH
    const bytes = Buffer.alloc(size === part.size ? length : size - part.end)
    encodeFrame(bytes.subarray(0, length), changes, after)
    // Also a frame that fails may be there to be read.
    part.last = last
    const { bytesWritten } = await writeAt(part.fd, bytes, 0, bytes.length, part.end)
    if (bytesWritten < bytes.length) throw new Error('the journal was cut short')
    part.size = size
    part.end = end
  }

  /** The other file takes what comes next, if LMDB has all of it. */
  turn(): void {
    if (this.#parts[1 - this.#at]!.end === 0) this.#at = 1 - this.#at
  }

  /** LMDB has everything up to `revision`. */
  release(revision: number): void {
    for (const part of this.#parts) if (part.last <= revision) part.end = 0
  }

  close(): void {
    for (const { fd } of this.#parts) closeSync(fd)
  }

  get #part(): Part {
    return this.#parts[this.#at]!
  }
}

interface Frame {
  readonly after: number
  readonly last: number
  readonly changes: readonly Journaled[]
}

function bytesOf(changes: readonly Journaled[]): number {
  return changes.reduce((sum, { logValue }) => sum + RECORD_HEADER_BYTES + logValue.length, HEADER_BYTES)
}

function encodeFrame(into: Buffer, changes: readonly Journaled[], after: number): void {
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

/** The frames of a file, each of which follows the one before; what is behind them is of an earlier turn, or was cut. */
function readFrames(fd: number, size: number): readonly Frame[] {
  const bytes = Buffer.alloc(Math.min(size, MAX_BYTES))
  const length = readSync(fd, bytes, 0, bytes.length, 0)
  const frames: Frame[] = []
  let at = 0
  for (;;) {
    const frame = readFrame(bytes.subarray(at, length))
    const before = frames.at(-1)
    if (frame === undefined || (before !== undefined && frame.after !== before.last)) return frames
    frames.push(frame)
    at += bytesOf(frame.changes)
  }
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
  const last = changes.at(-1)
  return last === undefined
    ? undefined
    : { after: bytes.readUIntBE(8, 6), last: readLogKey(last.logKey).revision, changes }
}

/** The revision that a journaled change was made at. */
export const revisionOf = (change: Journaled): number => readLogKey(change.logKey).revision
