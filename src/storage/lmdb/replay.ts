/** What a journal holds when its folder is opened: given to LMDB where that lacks it, and judged. */

import type { Log } from '../../base/log.ts'
import { type DataFolder, corrupt } from './data-folder.ts'
import type { Journal, JournalFile } from './journal.ts'
import { type Frame, type Journaled, findNewer, revisionOf } from './journal-frames.ts'
import { decodeRecord, encodePointer, readLogKey } from './records.ts'
import { type DiskChange, writeChanges } from './write-behind.ts'

/**
 * Gives LMDB, which has everything up to `revision`, what the folder's journal has beyond. Throws `StorageError` when
 * changes that somebody was told of cannot be read any more.
 */
export async function replayJournal(data: DataFolder, journal: Journal, revision: number, log: Log): Promise<void> {
  const files = journal.files()
  const frames = files.flatMap((file) => file.frames).toSorted((a, b) => a.after - b.after)
  const newest = Math.max(revision, ...frames.map(({ last }) => last))
  const wasClosed = frames.some((frame) => isMark(frame) && frame.last === newest)
  if (frames.some((frame) => isMark(frame) && frame.last > revision))
    throw corrupt(data.path, `data.mdb ends at revision ${revision}, and the journal says that it ended at ${newest}`)
  const missing = frames.flatMap(({ changes }) => changes).filter((change) => revisionOf(change) > revision)
  let last = revision
  for (const change of missing) {
    const at = revisionOf(change)
    if (at !== last && at !== last + 1) throw lost(data, files, last, at)
    last = at
  }
  for (const file of files) {
    if (!wasClosed) refuseLoss(data, file, last)
    tellRest(file, wasClosed, log)
  }
  if (missing.length > 0) {
    await writeChanges(
      data,
      missing.map((change) => diskChange(data, change)),
    )
  }
}

const isMark = ({ changes }: Frame): boolean => changes.length === 0

/** A whole frame with newer changes behind one that cannot be read: that one was whole as well once. */
function refuseLoss(data: DataFolder, { name, bytes, end }: JournalFile, revision: number): void {
  const newer = findNewer(bytes, end, revision)
  if (newer === undefined) return
  const which = `at byte ${end} of ${name} no change can be read, and further behind stand those after revision ${newer.after}`
  const those =
    newer.after === revision ? '' : `: the changes after revision ${revision}, up to ${newer.after}, are lost`
  throw corrupt(data.path, `${which}${those}`)
}

/** The change at `next` follows none that is there. */
function lost(data: DataFolder, files: readonly JournalFile[], last: number, next: number) {
  const where = files.find(({ frames }) => frames.at(-1)?.last === last)
  const place = where === undefined ? '' : `; ${where.name} should have them at byte ${where.end}`
  return corrupt(
    data.path,
    `the changes after revision ${last} are missing, and those from ${next} on are there${place}`,
  )
}

function tellRest({ name, end, rest }: JournalFile, wasClosed: boolean, log: Log): void {
  if (rest === 0) return
  const place = { file: name, offset: end, bytes: rest }
  if (wasClosed)
    log.warn('behind the end of the journal stands what no server wrote; it is cut, and nothing is lost', place)
  else log.warn('the last write to the journal is not whole, as when the power fails in its midst; it is cut', place)
}

function diskChange({ path }: DataFolder, { logKey, logValue }: Journaled): DiskChange {
  const { revision, sub } = readLogKey(logKey)
  const record = decodeRecord(logValue)
  if (record === undefined) throw corrupt(path, `the change at revision ${revision} is not what was written`)
  const { type, key, createRevision } = record
  const pointer = type === 'put' ? encodePointer({ createRevision, modRevision: revision, sub }) : undefined
  return { logKey, logValue, key, pointer }
}
