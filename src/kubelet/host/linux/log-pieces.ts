/**
 * Pieces of logs that were moved away. All but the newest are compressed, and read as if they were not
 * (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation).
 */

import { createWriteStream, type Stats } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

const COMPRESSED = '.gz'
/** What has this name is not whole yet. */
const UNFINISHED = '.gz.tmp'
/** Who reads a piece that was compressed before so many others has lost it. */
const MAX_KNOWN = 1_000

/** What pieces were before they were compressed, by path: who read one of them half finds the rest. */
const known = new Map<string, string>()

/** Tells a file from its successors, which may get its inode: file systems give those of deleted files out again. */
export const idOf = ({ dev, ino, birthtimeMs }: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>): string =>
  `${dev}:${ino}:${birthtimeMs}`

/** Its size on the disk, and its id from before it was compressed. It may be under its compressed name by now. */
export async function factsOf(file: string): Promise<{ readonly size: number; readonly id: string } | undefined> {
  for (const name of namesOf(file)) {
    const found = await stat(name).catch(() => undefined)
    if (found !== undefined) return { size: found.size, id: known.get(name) ?? idOf(found) }
  }
  return undefined
}

/** Whether the piece's name says that it is compressed. */
export const isCompressed = (file: string): boolean => file.endsWith(COMPRESSED)

/** All files that may be there of a piece. */
export function filesOf(piece: string): readonly string[] {
  const plain = isCompressed(piece) ? piece.slice(0, -COMPRESSED.length) : piece
  return [plain, plain + COMPRESSED, plain + UNFINISHED]
}

/** A file's bytes from `from` on, if it is `id`. It may be compressed at any moment, and is found under its new name then. */
export async function* pieceBytes(file: string, { from, id }: { readonly from: number; readonly id?: string }) {
  const opened = await openAs(file, id)
  if (opened === undefined) return
  try {
    // Whoever leaves the loop closes the streams, and these the file.
    if (isCompressed(opened.name)) yield* decompressed(opened.handle, from)
    else for await (const chunk of opened.handle.createReadStream({ start: from })) yield chunk as Uint8Array
  } finally {
    await opened.handle.close()
  }
}

/** What a piece may be called from one moment to the next. */
const namesOf = (file: string) => (isCompressed(file) ? [file] : [file, file + COMPRESSED])

async function openAs(file: string, id: string | undefined) {
  for (const name of namesOf(file)) {
    const handle = await open(name).catch(unlessMissing)
    if (handle === undefined) continue
    if (id === undefined || (known.get(name) ?? idOf(await handle.stat())) === id) return { name, handle }
    await handle.close()
  }
  return undefined
}

async function* decompressed(handle: FileHandle, from: number): AsyncGenerator<Uint8Array> {
  const source = handle.createReadStream()
  const unpacked = source.pipe(createGunzip())
  source.once('error', (error) => unpacked.destroy(error))
  let skip = from
  try {
    for await (const chunk of unpacked) {
      const bytes = chunk as Uint8Array
      if (skip < bytes.length) yield bytes.subarray(skip)
      skip = Math.max(0, skip - bytes.length)
    }
  } finally {
    source.destroy()
  }
}

/** Replaces a piece by a smaller one. Ended in the middle, it has done nothing. */
export async function compressPiece(piece: string, signal: AbortSignal): Promise<void> {
  const [plain = piece, compressed = '', unfinished = ''] = filesOf(piece)
  const handle = await open(plain).catch(unlessMissing)
  if (handle === undefined) return
  try {
    const facts = await handle.stat()
    const target = createWriteStream(unfinished, { mode: facts.mode & 0o777 })
    await pipeline(handle.createReadStream({ autoClose: false }), createGzip(), target, { signal })
    remember(compressed, idOf(facts))
    await rename(unfinished, compressed)
  } finally {
    await handle.close()
  }
  await rm(plain)
}

function remember(compressed: string, id: string): void {
  known.set(compressed, id)
  const [oldest] = known.keys()
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
}

/** Deletes a log file, or a piece in all its forms. */
export async function deletePiece(file: string): Promise<void> {
  for (const name of filesOf(file)) {
    known.delete(name)
    await rm(name, { force: true })
  }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
