/**
 * The newest changes, in the order they were made: one synchronous write at the end of a file makes a group of them
 * durable, before LMDB has them. Two files take turns, so that one is written while what the other holds goes to LMDB;
 * both are written over in place, and emptied when the store is closed. A frame names the revision it follows, which tells
 * it from what an earlier turn left behind it (the idea: https://www.sqlite.org/wal.html).
 */

import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  write,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { syncNames } from './data-folder.ts'
import { type Content, HEADER_BYTES, type Journaled, bytesOf, encodeFrame, readFrames } from './journal-frames.ts'

/** The files, in a folder. */
export const JOURNAL_FILES = ['journal.0', 'journal.1'] as const
/** A file never grows beyond this. */
const MAX_BYTES = 1 << 20
/** A file grows by so much at once: writing within a file is cheaper than making it longer. */
const GROWTH = 128 * 1_024

const writeAt = promisify(write)
const flush = promisify(fdatasync)

/** Elsewhere a write has to be followed by a flush: Windows has no such files, and macOS leaves it to the disk when to write. */
const WRITES_THROUGH = process.platform === 'linux'

/** One of the two files. */
interface Part {
  readonly name: string
  readonly fd: number
  /** Bytes that the file has. */
  size: number
  /** Where the newest frame begins. */
  begin: number
  /** Where the next frame goes. */
  end: number
  /** The newest revision in it. */
  last: number
  /** A write failed that may be there all the same, until another is made over it. */
  isTorn: boolean
}

/** What one of the files holds. */
export interface JournalFile extends Content {
  readonly name: string
  readonly bytes: Buffer
}

export class Journal {
  readonly #parts: readonly Part[]
  readonly #writesThrough: boolean
  #at = 0

  constructor(folder: string, { writesThrough = WRITES_THROUGH } = {}) {
    this.#writesThrough = writesThrough
    const parts: Part[] = []
    try {
      for (const name of JOURNAL_FILES) {
        const { O_RDWR, O_CREAT, O_DSYNC } = constants
        const fd = openSync(join(folder, name), O_RDWR | O_CREAT | (writesThrough ? O_DSYNC : 0), 0o600)
        parts.push({ name, fd, size: fstatSync(fd).size, begin: 0, end: 0, last: 0, isTorn: false })
      }
      syncNames(folder)
    } catch (error) {
      for (const { fd } of parts) closeSync(fd)
      throw error
    }
    this.#parts = parts
  }

  /** What the files hold, as they were found. */
  files(): readonly JournalFile[] {
    return this.#parts.map(({ name, fd, size }) => {
      const bytes = Buffer.alloc(Math.min(size, MAX_BYTES))
      const length = readSync(fd, bytes, 0, bytes.length, 0)
      const found = bytes.subarray(0, length)
      const content = readFrames(found)
      // No journal is longer; what somebody put behind is told with the rest.
      const rest = content.rest + (size > MAX_BYTES ? size - MAX_BYTES : 0)
      return { name, bytes: found, ...content, rest }
    })
  }

  /** Whether these changes may be appended now. */
  hasRoom(changes: readonly Journaled[]): boolean {
    return this.#part.end + bytesOf(changes) + HEADER_BYTES <= MAX_BYTES
  }

  /** Appends the changes of the revisions after `after`, up to `last`. Resolves when they are on the disk. */
  async append(changes: readonly Journaled[], { after, last }: { after: number; last: number }): Promise<void> {
    const part = this.#part
    const length = bytesOf(changes)
    const end = part.end + length
    const marked = end + HEADER_BYTES
    const size = marked <= part.size ? part.size : Math.ceil(marked / GROWTH) * GROWTH
    const bytes = Buffer.alloc((size === part.size ? marked : size) - part.end)
    encodeFrame(bytes.subarray(0, length), changes, after)
    // Also a frame that fails may be there to be read.
    part.last = last
    part.isTorn = true
    for (let done = 0; done < bytes.length;) {
      // Once, but where the disk fills up in its midst: then the next try says so.
      const { bytesWritten } = await writeAt(part.fd, bytes, done, bytes.length - done, part.end + done)
      if (bytesWritten === 0) throw new Error(`${part.name} takes no more`)
      done += bytesWritten
    }
    if (!this.#writesThrough) await flush(part.fd)
    part.isTorn = false
    part.size = size
    part.begin = part.end
    part.end = end
  }

  /** Takes back what was appended last, of which nobody was told. Best effort: nothing is appended after it. */
  takeBack(): void {
    const { fd, begin } = this.#part
    try {
      writeSync(fd, Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, begin)
    } catch {
      // Then it may be there at the next start, as anything that fails may.
    }
  }

  /** The other file takes what comes next, if LMDB has all of it. */
  turn(): void {
    // What failed must be written over: in the other file the same revision would stand a second time.
    if (!this.#part.isTorn && this.#parts[1 - this.#at]!.end === 0) this.#at = 1 - this.#at
  }

  /** LMDB has everything up to `revision`. */
  release(revision: number): void {
    for (const part of this.#parts) {
      if (part.last > revision) continue
      part.end = 0
      part.isTorn = false
    }
  }

  /** Empties the files, which hold nothing that LMDB does not have, and says so. Throws where the disk fails. */
  finish(revision: number): void {
    for (const { fd } of this.#parts) ftruncateSync(fd)
    const mark = Buffer.alloc(HEADER_BYTES)
    encodeFrame(mark, [], revision)
    writeSync(this.#parts[0]!.fd, mark, 0, mark.length, 0)
    if (!this.#writesThrough) for (const { fd } of this.#parts) fdatasyncSync(fd)
  }

  close(): void {
    for (const { fd } of this.#parts) closeSync(fd)
  }

  get #part(): Part {
    return this.#parts[this.#at]!
  }
}
