/** Reads of the log on disk: single values, and the events after a revision. */

import type { Entry, EventBatch, Payload, StorageEvent } from '../storage.ts'
import { type DataFolder, asStorageError, corrupt } from './data-folder.ts'
import type { Place } from './key-table.ts'
import { type LogRecord, decodeRecord, logKey, readLogKey } from './records.ts'

/** A value as it came off the disk. */
class StoredPayload implements Payload {
  readonly #bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }
  bytes(): Uint8Array {
    return this.#bytes
  }
}

export class LogReader {
  readonly #data: DataFolder

  constructor(data: DataFolder) {
    this.#data = data
  }

  /** The entry at a place that compaction has kept. */
  entry(key: string, place: Place): Entry {
    const { createRevision, modRevision } = place
    return { key, value: place.held?.deref() ?? this.#load(place), createRevision, modRevision }
  }

  /** The batches after `revision`, at most `limit`, none after `until`. */
  batchesAfter(
    revision: number,
    { limit, until }: { readonly limit: number; readonly until: number },
  ): readonly EventBatch[] {
    const batches: { revision: number; events: StorageEvent[] }[] = []
    const range = { start: logKey(revision + 1, 0), end: logKey(until + 1, 0) }
    for (const { key, value } of this.#data.log.getRange(range)) {
      const at = readLogKey(key)
      if (batches.at(-1)?.revision !== at.revision) {
        if (batches.length >= limit) break
        batches.push({ revision: at.revision, events: [] })
      }
      batches.at(-1)?.events.push(this.#event(at.revision, this.#decode(value, at.revision)))
    }
    return batches
  }

  #event(revision: number, { type, key, createRevision, previous, value }: LogRecord): StorageEvent {
    const entry = { key, value: new StoredPayload(value), createRevision, modRevision: revision }
    return {
      type,
      key,
      revision,
      ...(type === 'put' ? { entry } : {}),
      ...(previous === undefined ? {} : { previous: this.entry(key, previous) }),
    }
  }

  #load({ modRevision, sub }: Place): Payload {
    const at = logKey(modRevision, sub)
    return new StoredPayload(this.#decode(this.#read(at), modRevision).value)
  }

  #read(at: Buffer): Buffer | undefined {
    const { log, path } = this.#data
    try {
      return log.getBinary(at)
    } catch (error) {
      throw asStorageError(error, path, 'read')
    }
  }

  #decode(bytes: Buffer | undefined, revision: number): LogRecord {
    const record = bytes === undefined ? undefined : decodeRecord(bytes)
    if (record === undefined)
      throw corrupt(this.#data.path, `the change at revision ${revision} is not what was written`)
    return record
  }
}
