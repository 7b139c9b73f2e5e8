/**
 * What an LMDB store keeps in memory: every key with where its values stand in the log, as far back as compaction
 * goes. Values stay on disk; those that somebody in this process still holds are found again through weak references.
 */

import { SortedKeys } from '../sorted-keys.ts'
import type { Payload } from '../storage.ts'
import { type DataFolder, corrupt } from './data-folder.ts'
import { type Pointer, decodePointer, decodeRecord, logKey, readLogKey } from './records.ts'
import { type KeyHistory, compactHistory, newest } from '../history.ts'

/** A value's place, and the value itself while it is held somewhere. */
export interface Place extends Pointer {
  readonly held?: WeakRef<Payload>
}

export type KeyPlaces = KeyHistory<Place>

interface Touch {
  readonly revision: number
  readonly sub: number
  readonly places: KeyPlaces
}

/** A record of the log that nobody needs any more. */
export interface Dropped {
  readonly revision: number
  readonly sub: number
}

/** All keys, and which of them each revision since the last compaction touched. */
export class KeyTable {
  readonly sorted = new SortedKeys<KeyPlaces>()
  #touched: Touch[] = []

  newest(key: string): Place | undefined {
    return newest(this.sorted.get(key))
  }

  /** A change became durable. `place` is absent for a delete. */
  record(key: string, revision: number, sub: number, place: Place | undefined): void {
    const version = { revision, entry: place }
    let places = this.sorted.get(key)
    if (places === undefined) {
      // Most keys have one value only: an array that grows would have room for many.
      places = { key, versions: [version] }
      this.sorted.set(places)
    } else places.versions.push(version)
    this.#touched.push({ revision, sub, places })
  }

  /** Forgets what no read after `revision` sees. The answer is which records of the log nobody needs any more. */
  compact(revision: number): readonly Dropped[] {
    const until = this.#touched.findIndex((touch) => touch.revision > revision)
    const touched = until < 0 ? this.#touched : this.#touched.slice(0, until)
    this.#touched = until < 0 ? [] : this.#touched.slice(until)
    const dropped: Dropped[] = []
    for (const places of new Set(touched.map((touch) => touch.places))) {
      const before = places.versions
      if (!compactHistory(places, revision)) this.sorted.delete(places.key)
      const kept = new Set(places.versions)
      for (const version of before) {
        if (version.entry !== undefined && !kept.has(version))
          dropped.push({ revision: version.entry.modRevision, sub: version.entry.sub })
      }
    }
    for (const { revision: at, sub, places } of touched) {
      const isPut = places.versions.some(({ entry }) => entry?.modRevision === at && entry.sub === sub)
      if (!isPut) dropped.push({ revision: at, sub })
    }
    return dropped
  }

  /** How many revisions may be compacted in one step that touches about `changes` keys. */
  stepAfter(changes: number): number | undefined {
    return this.#touched[changes]?.revision
  }
}

/** The newest revision that the log on disk has; 0 when it has none. */
export function newestRevision({ log }: DataFolder): number {
  for (const key of log.getKeys({ reverse: true, limit: 1 })) return readLogKey(key).revision
  return 0
}

/** The table as the disk has it, and the newest revision. */
export function loadKeyTable(
  folder: DataFolder,
  compacted: number,
): { readonly table: KeyTable; readonly revision: number } {
  const table = new KeyTable()
  for (const { key, value } of folder.keys.getRange({})) {
    const pointer = decodePointer(value)
    const name = key.toString('utf8')
    table.sorted.set({ key: name, versions: [{ revision: pointer.modRevision, entry: pointer }] })
  }
  let revision = 1
  /** Where `keys` says that the newest value of each key changed since compaction stands. */
  const rebuilt = new Map<string, Place | undefined>()
  for (const { key: at, value } of folder.log.getRange({ start: logKey(compacted + 1, 0) })) {
    const record = decodeRecord(value)
    const place = readLogKey(at)
    if (record === undefined)
      throw corrupt(folder.path, `the change at revision ${place.revision} is not what was written`)
    const { key, previous, createRevision, type } = record
    if (!rebuilt.has(key)) {
      rebuilt.set(key, table.newest(key))
      // Only what came before compaction: the rest follows in this very loop.
      const versions = previous === undefined ? [] : [{ revision: previous.modRevision, entry: previous }]
      table.sorted.set({ key, versions })
    }
    const entry = type === 'put' ? { createRevision, modRevision: place.revision, sub: place.sub } : undefined
    table.record(key, place.revision, place.sub, entry)
    revision = place.revision
  }
  for (const [key, place] of rebuilt) {
    const found = table.newest(key)
    if (found?.modRevision !== place?.modRevision || found?.sub !== place?.sub) {
      throw corrupt(folder.path, `its index and its log disagree about the key ${JSON.stringify(key)}`)
    }
  }
  return { table, revision }
}
