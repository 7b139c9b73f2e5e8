/**
 * Makes groups of changes durable with one small write each, in the journal, and gives them to LMDB many at a time
 * while others go on. What LMDB does not have yet is in memory and in the journal; a folder that is opened after a crash
 * gives it to LMDB first.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../base/log.ts'
import { StorageError } from '../errors.ts'
import type { EventBatch } from '../storage.ts'
import { DATABASE, type DataFolder, asStorageError, corrupt, writeBatch } from './data-folder.ts'
import type { Step } from './group-commit.ts'
import { JOURNAL_FILES, Journal } from './journal.ts'
import type { Journaled } from './journal-frames.ts'
import { Presence } from './presence.ts'

/** So many changes go to LMDB at once: enough to share most of its pages, few enough to be no long turn. */
const MANY_CHANGES = 128
const MANY_BYTES = 256 * 1_024
/** The revision of a store that nothing was written to. */
const FIRST = 1
/** Besides its value, a change may write a page of LMDB's log and one of its keys anew. */
const PAGES_BYTES = 2 * 4_096

/** What LMDB is to have of one change. */
export interface DiskChange extends Journaled {
  readonly key: string
  /** Where the key's value stands now; absent after a delete. */
  readonly pointer: Buffer | undefined
}

export interface WriteBehindDeps {
  readonly data: DataFolder
  readonly journal: Journal
  readonly log: Log
}

export class WriteBehind {
  readonly #data: DataFolder
  readonly #journal: Journal
  readonly #log: Log
  readonly #presence: Presence
  /** LMDB has not taken what it was given last. */
  #isFailing = false
  /** Durable, and not in LMDB as far as we know. */
  #waiting: Step[] = []
  #waitingBytes = 0
  #waitingChanges = 0
  #revision: number
  #flushed: number
  #flushing: Promise<void> | undefined

  constructor({ data, journal, log }: WriteBehindDeps, revision: number) {
    this.#data = data
    this.#journal = journal
    this.#log = log
    this.#presence = new Presence(data.path, [DATABASE, ...JOURNAL_FILES])
    this.#revision = revision
    this.#flushed = revision
  }

  /** LMDB has everything up to this revision. */
  get flushed(): number {
    return this.#flushed
  }

  /** Resolves when the steps, which follow all before, are on the disk. One call at a time. */
  async write(steps: readonly Step[]): Promise<void> {
    const changes = steps.flatMap((step) => step.changes)
    const last = steps.at(-1)?.revision ?? this.#revision
    if (this.#data.ended !== undefined) throw this.#data.ended
    const isSmall = this.#journal.hasRoom(changes)
    let isWritten = false
    try {
      if (isSmall) await this.#journal.append(changes, { after: this.#revision, last })
      else await this.#writeThrough(changes, last)
      isWritten = true
    } finally {
      // Nothing is told that went into files without a name; and this says best why a write failed.
      this.#checkPresence(isSmall && isWritten)
    }
    this.#revision = last
    if (last <= this.#flushed) return
    this.#waiting.push(...steps)
    this.#waitingChanges += changes.length
    this.#waitingBytes += changes.reduce((sum, { logValue }) => sum + logValue.length, 0)
    // What fails now is tried again, and told to whom it concerns when the journal has no room left.
    if (this.#waitingChanges >= MANY_CHANGES || this.#waitingBytes >= MANY_BYTES) this.flush().catch(() => {})
  }

  /** Gives all that is durable by now to LMDB. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {}) // oxlint-disable-line no-await-in-loop -- one at a time
    if (this.#waiting.length === 0) return
    this.#flushing = this.#flushOnce().finally(() => (this.#flushing = undefined))
    return this.#flushing
  }

  /** Up to `limit` batches after `revision` and not after `until`, of those that LMDB does not have. */
  batchesAfter(
    revision: number,
    { limit, until }: { readonly limit: number; readonly until: number },
  ): readonly EventBatch[] {
    const from = this.#waiting.findIndex((step) => step.revision > revision)
    const steps = from < 0 ? [] : this.#waiting.slice(from, from + limit)
    return steps
      .filter((step) => step.revision <= until)
      .map((step) => ({ revision: step.revision, events: step.changes.map((change) => change.event) }))
  }

  /** Gives LMDB what it lacks, as far as there is space, and ends. */
  async close(): Promise<void> {
    try {
      await this.flush()
      this.#journal.finish(this.#flushed)
    } catch {
      // The journal has it.
    } finally {
      this.#journal.close()
    }
  }

  #checkPresence(isJournaled: boolean): void {
    try {
      this.#presence.check()
    } catch (error) {
      if (isJournaled) this.#journal.takeBack()
      if (error instanceof StorageError) this.#data.end(error)
      throw error
    }
  }

  /** What is too much for the journal goes to LMDB at once, with all that waits. */
  async #writeThrough(changes: readonly DiskChange[], last: number): Promise<void> {
    await this.#flushing?.catch(() => {})
    await writeChanges(this.#data, [...this.#waiting.flatMap((step) => step.changes), ...changes])
    this.#gone(last)
  }

  async #flushOnce(): Promise<void> {
    const last = this.#waiting.at(-1)?.revision ?? this.#flushed
    this.#journal.turn()
    try {
      await writeChanges(
        this.#data,
        this.#waiting.flatMap((step) => step.changes),
      )
    } catch (error) {
      if (!this.#isFailing) this.#log.warn('the database takes no changes, and the journal keeps them', { error })
      this.#isFailing = true
      throw error
    }
    this.#gone(last)
  }

  #gone(until: number): void {
    if (this.#isFailing) this.#log.info('the database takes changes again')
    this.#isFailing = false
    this.#flushed = until
    this.#waiting = this.#waiting.filter((step) => step.revision > until)
    const left = this.#waiting.flatMap((step) => step.changes)
    this.#waitingChanges = left.length
    this.#waitingBytes = left.reduce((sum, { logValue }) => sum + logValue.length, 0)
    this.#journal.release(until)
  }
}

/** Opens the journal of a folder whose LMDB has everything up to `revision`. Throws `StorageError`. */
export function openJournal({ path }: DataFolder, revision: number): Journal {
  const absent = JOURNAL_FILES.find((name) => !existsSync(join(path, name)))
  // Killed before its first change a store may have none yet.
  if (absent !== undefined && revision > FIRST)
    throw corrupt(
      path,
      `${absent} is missing, which may hold the newest changes; an empty file does where none are missed`,
    )
  try {
    return new Journal(path)
  } catch (error) {
    throw asStorageError(error, path, 'open')
  }
}

/** One transaction of LMDB: every change in the log, and of each key where it stands in the end. */
export function writeChanges(data: DataFolder, changes: readonly DiskChange[]): Promise<void> {
  const { log, keys } = data
  const pointers = new Map(changes.map(({ key, pointer }) => [key, pointer]))
  const bytes = changes.reduce((sum, { logValue }) => sum + 2 * logValue.length + PAGES_BYTES, 0)
  return writeBatch(data, bytes, () => [
    ...changes.map((change) => log.put(change.logKey, change.logValue)),
    ...Array.from(pointers, ([key, pointer]) =>
      pointer === undefined ? keys.remove(Buffer.from(key)) : keys.put(Buffer.from(key), pointer),
    ),
  ])
}
