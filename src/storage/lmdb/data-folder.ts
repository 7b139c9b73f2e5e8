/**
 * Opens and closes a data folder: makes it, refuses one that is not ours, holds its lock, and turns whatever LMDB says
 * into a `StorageError` that tells what to do (http://www.lmdb.tech/doc/).
 */

import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  writeFileSync,
} from 'node:fs'
import { readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Database, type RootDatabase, open } from 'lmdb'
import { StorageError } from '../errors.ts'
import { lockFolder } from './folder-lock.ts'

export interface DataFolder {
  readonly path: string
  readonly env: RootDatabase
  readonly log: Database<Buffer, Buffer>
  readonly keys: Database<Buffer, Buffer>
  readonly meta: Database<Buffer, Buffer>
  /** Why nothing can be written any more; absent: it can. */
  readonly ended: StorageError | undefined
  /** From now on nothing is written. */
  end(failure: StorageError): void
  /** Waits for what is being written, then gives everything back, the lock last. */
  close(): Promise<void>
}

const FORMAT = 'gorae-storage 1\n'
/** LMDB's file, in a folder. */
export const DATABASE = 'data.mdb'
const PAGE = 4096

/** Opens the store in `path`, making it where there is none. Throws `StorageError`. `onEnd` is called once at most. */
export function openDataFolder(path: string, onEnd: (failure: StorageError) => void): DataFolder {
  const release = prepare(path)
  let ended: StorageError | undefined
  try {
    const file = join(path, DATABASE)
    mendLength(path, file)
    const env = openEnv(path, file)
    const raw = { encoding: 'binary', keyEncoding: 'binary' } as const
    const open = (name: string) => env.openDB<Buffer, Buffer>(name, raw)
    const dbs = attempt(path, 'open', () => ({ log: open('log'), keys: open('keys'), meta: open('meta') }))
    return {
      path,
      env,
      ...dbs,
      get ended() {
        return ended
      },
      end(failure) {
        if (ended !== undefined) return
        ended = failure
        onEnd(failure)
      },
      async close() {
        // LMDB may hang, or end the process, after a transaction that failed.
        if (ended?.fault !== 'unusable') await env.close()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

/** The folder exists, is ours and is locked. */
function prepare(path: string): () => void {
  let release: (() => void) | undefined
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o700 })
    if (made !== undefined) syncNames(dirname(made))
    const names = readdirSync(path).filter((name) => !name.startsWith('lock.'))
    const format = names.includes('FORMAT') ? readFileSync(join(path, 'FORMAT'), 'utf8') : ''
    if (names.length > 0 && !FORMAT.startsWith(format)) throw otherFormat(path, format)
    if (names.some((name) => name !== 'FORMAT') && format !== FORMAT) throw foreign(path)
    release = lockFolder(path)
    if (format !== FORMAT) writeFileSync(join(path, 'FORMAT'), FORMAT, { mode: 0o600, flush: true })
    return release
  } catch (error) {
    release?.()
    throw error instanceof StorageError ? error : asStorageError(error, path, 'open')
  }
}

/** What was made in a folder has its name there after a power failure, too. On Windows no folder can be flushed, nor need be. */
export function syncNames(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const foreign = (path: string) =>
  new StorageError(
    'foreign',
    `${path} holds files that are no gorae data; name an empty folder, or the one that was used before`,
  )

const otherFormat = (path: string, format: string) =>
  new StorageError(
    'foreign',
    `${path} was written in the format ${JSON.stringify(format.slice(0, 40).trim())}, which this version cannot read` +
      ` (it reads ${JSON.stringify(FORMAT.trim())}); use the version of gorae that wrote it`,
  )

/**
 * A file cut short would kill the process when its map is read past the end. Filled up with a hole it reads as pages
 * of zeros instead, which LMDB and our checksums recognise as damage.
 */
function mendLength(path: string, file: string): void {
  let fd: number
  try {
    fd = openSync(file, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asStorageError(error, path, 'open')
    if (hasJournal(path)) throw corrupt(path, `${DATABASE} is missing`)
    return
  }
  try {
    const { size } = fstatSync(fd)
    if (size === 0 && hasJournal(path)) throw corrupt(path, `${DATABASE} is empty`)
    if (size === 0) return // killed between making the file and writing its first page
    if (size < 2 * PAGE) throw corrupt(path, `the database file has ${size} bytes`)
    const whole = lastPages(fd, path) * PAGE
    if (size < whole) ftruncateSync(fd, whole)
  } finally {
    closeSync(fd)
  }
}

/** Whether a store was ever opened there, whatever became of it. */
export const hasStore = (path: string): boolean => hasJournal(path) || existsSync(join(path, DATABASE))

/** It is made when the database has its first pages. */
const hasJournal = (path: string): boolean => existsSync(join(path, 'journal.0'))

const MAGIC = 0xbeefc0de

/** How many pages the file should have, from its two meta pages. */
function lastPages(fd: number, path: string): number {
  const pages = Buffer.alloc(2 * PAGE)
  readSync(fd, pages, 0, pages.length, 0)
  const counts = [0, PAGE].map((at) =>
    pages.readUInt32LE(at + 24) === MAGIC && pages.readUInt32LE(at + 48) === PAGE
      ? Number(pages.readBigUInt64LE(at + 144)) + 1
      : 0,
  )
  const most = Math.max(...counts)
  if (most === 0 || most > 2 ** 36) throw corrupt(path, 'its first pages are not those of a database')
  return most
}

function openEnv(path: string, file: string): RootDatabase {
  return attempt(path, 'open', () => {
    const env = open({
      path: file,
      noSubdir: true,
      maxDbs: 4,
      pageSize: PAGE,
      compression: false,
      // A commit that resolves is on the disk: plain LMDB, data synced before the meta page that makes it count.
      overlappingSync: false,
      // We group by ourselves. LMDB's own grouping would also drop a promise of each, whose rejection nobody can catch.
      eventTurnBatching: false,
      // Freed memory must not reach the file: it may hold what was deleted.
      noMemInit: false,
    })
    chmodSync(file, 0o600)
    return env
  })
}

function attempt<T>(path: string, doing: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw asStorageError(error, path, doing)
  }
}

/** The data is there and wrong. */
export const corrupt = (path: string, what: string, cause?: unknown) =>
  new StorageError(
    'corrupt',
    `the data in ${path} is damaged (${what}); restore the folder from a backup, or make the cluster anew, which loses all its objects: gorae down, then gorae up`,
    { cause },
  )

const CODES: Readonly<Record<string, 'full' | 'unreadable' | 'corrupt'>> = {
  28: 'full',
  ENOSPC: 'full',
  122: 'full',
  EDQUOT: 'full',
  '-30796': 'corrupt',
  '-30797': 'corrupt',
  '-30794': 'corrupt',
  '-30793': 'corrupt',
}

/** What LMDB may need for its own pages besides those of the changes. */
const OWN_SPACE = 256 * 1_024

/** What LMDB or the file system said, as an error of ours. */
export function asStorageError(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error
  const said = error instanceof Error ? error.message : String(error)
  const known = CODES[codeOf(error)]
  const fault = known ?? 'unreadable'
  if (fault === 'corrupt') return corrupt(path, said, error)
  if (fault === 'full') return fullDisk(path, error)
  return new StorageError(
    'unreadable',
    `cannot ${doing} the data in ${path}: ${said}; check the disk and who owns the folder`,
    {
      cause: error,
    },
  )
}

/**
 * Runs writes as one transaction, all or nothing; resolves when it is on the disk. `writes` returns what the writes
 * returned, for LMDB rejects each of them besides the transaction. `bytes`: at most so many it may add to the file.
 * Where the disk has no room for them LMDB is not asked, and a transaction that fails is the last one: those after it
 * may hang or end the process (seen with lmdb 3.5.6: `malloc(): invalid next size`).
 */
export async function writeBatch(
  data: DataFolder,
  bytes: number,
  writes: () => readonly Promise<unknown>[],
): Promise<void> {
  const { env, path } = data
  if (data.ended !== undefined) throw data.ended
  if ((await spaceOf(path)) < bytes + OWN_SPACE) throw fullDisk(path)
  try {
    await env.batch(() => {
      for (const write of new Set(writes())) write.catch(() => {})
    })
  } catch (error) {
    const failure = unusable(path, await causeOf(error))
    data.end(failure)
    throw failure
  }
}

/** A transaction failed. What was acknowledged is in the journal, or was in the database before. */
const unusable = (path: string, cause: unknown) => {
  const said = SHORT[codeOf(cause)] ?? (cause instanceof Error ? cause.message : String(cause))
  return new StorageError(
    'unusable',
    `the database in ${path} could not be written (${said}), and must be opened again; nothing that was acknowledged is lost;` +
      ' check the disk, then start the server again',
    { cause },
  )
}

/** What LMDB says of the commonest failures is long, and different each time. */
const SHORT: Readonly<Record<string, string>> = {
  5: 'input/output error',
  28: 'no space left on the disk',
  30: 'the file system is read-only',
  122: 'the disk quota is used up',
}

/** A failed transaction rejects with a general error that carries a promise of the particular one. */
async function causeOf(error: unknown): Promise<unknown> {
  if (typeof error !== 'object' || error === null || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (cause) {
    return cause
  }
}

/** Bytes that the disk has left for us. */
async function spaceOf(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    throw asStorageError(error, path, 'write')
  }
}

const fullDisk = (path: string, cause?: unknown) =>
  new StorageError('full', `no space is left on the disk of ${path}; free some, and writes go on`, { cause })

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** What the files of the folder take on the disk: less than they are long, where they have holes. */
export async function allocatedBytes(path: string): Promise<number> {
  const sizes = (await readdir(path)).map((name) =>
    stat(join(path, name)).then(
      ({ blocks }) => blocks * BLOCK,
      () => 0, // gone since
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** What `stat` counts in (https://man7.org/linux/man-pages/man3/stat.3type.html). */
const BLOCK = 512
