/**
 * The embedded storage engine: one data folder, one server, LMDB underneath and a journal before it. A change is answered
 * and told only once it is on the disk; changes asked for at the same time share one flush. All versions of a key stay
 * readable until compaction, across restarts too (contract: https://etcd.io/docs/v3.5/learning/api_guarantees/).
 */

import { nextTurn } from '../../base/async/turn.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { type StorageError, closed } from '../errors.ts'
import { Followers } from '../followers.ts'
import { readRange } from '../history.ts'
import { type ReadableLog, watchLog } from '../log-watch.ts'
import {
  type Compare,
  type Entry,
  type EventBatch,
  FutureRevision,
  type Operation,
  type RangeOptions,
  type RangeResult,
  type Storage,
  type TransactionResult,
} from '../storage.ts'
import { checkOperations } from '../transaction.ts'
import { Wakers } from '../wakers.ts'
import { type DataFolder, allocatedBytes, asStorageError, openDataFolder, writeBatch } from './data-folder.ts'
import { type Request, type Step, planGroup } from './group-commit.ts'
import { type Dropped, type KeyTable, loadKeyTable, newestRevision } from './key-table.ts'
import { LogReader } from './log-reader.ts'
import { RecentLog } from './recent-log.ts'
import { logKey } from './records.ts'
import type { Journal } from './journal.ts'
import { replayJournal } from './replay.ts'
import { WriteBehind, openJournal } from './write-behind.ts'

/** No group is larger, so that nobody waits for a whole burst. */
const MAX_GROUP = 1_000
/** Compaction removes about so many records in one write, between which other writes go on. */
const COMPACTION_STEP = 5_000

const REVISION = Buffer.from('revision')
const COMPACTED = Buffer.from('compacted')

export interface LmdbOptions {
  readonly log?: Log
  /** Called once, when the store can keep nothing any more, and only opening it again may help. */
  readonly onEnd?: (error: StorageError) => void
}

/** Opens the store in `folder`, making it where there is none. Throws `StorageError`, saying what to do. */
export async function openLmdbStorage(folder: string, options: LmdbOptions = {}): Promise<Storage> {
  const { log = silentLog, onEnd = () => {} } = options
  const data = openDataFolder(folder, onEnd)
  let journal: Journal | undefined
  try {
    const number = (name: Buffer, absent: number) => data.meta.get(name)?.readUIntBE(0, 6) ?? absent
    const compacted = number(COMPACTED, 0)
    const inDatabase = Math.max(newestRevision(data), number(REVISION, 1))
    journal = openJournal(data, inDatabase)
    await replayJournal(data, journal, inDatabase, log)
    const { table, revision: loaded } = loadKeyTable(data, compacted)
    const revision = Math.max(loaded, number(REVISION, 1))
    const disk = new WriteBehind({ data, journal, log }, revision)
    return new LmdbStorage({ data, table, disk, log }, compacted)
  } catch (error) {
    journal?.close()
    await data.close()
    throw asStorageError(error, folder, 'read')
  }
}

interface LmdbDeps {
  readonly data: DataFolder
  readonly table: KeyTable
  readonly disk: WriteBehind
  readonly log: Log
}

class LmdbStorage implements Storage, ReadableLog {
  readonly #data: DataFolder
  readonly #table: KeyTable
  readonly #reader: LogReader
  readonly #disk: WriteBehind
  readonly #recent = new RecentLog()
  readonly #followers = new Followers()
  readonly #wakers = new Wakers()
  readonly #log: Log
  #revision: number
  #compacted: number
  #closed = false
  #waiting: Request[] = []
  /** The loop that works off `#waiting`, while there is one. */
  #working: Promise<void> | undefined
  #compacting: Promise<void> = Promise.resolve()
  /** Compacted, and still on the disk. */
  #dropped: Dropped[] = []

  constructor({ data, table, disk, log }: LmdbDeps, compacted: number) {
    this.#data = data
    this.#table = table
    this.#reader = new LogReader(data)
    this.#disk = disk
    this.#log = log
    this.#revision = disk.flushed
    this.#compacted = compacted
  }

  get revision(): number {
    return this.#revision
  }

  get compacted(): number {
    return this.#compacted
  }

  get isClosed(): boolean {
    return this.#closed
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#assertOpen()
    const place = this.#table.newest(key)
    return place === undefined ? undefined : this.#reader.entry(key, place)
  }

  async range(options: RangeOptions): Promise<RangeResult> {
    this.#assertOpen()
    const places = this.#table.sorted.range(options.prefix, options.from)
    return readRange(places, options, this, (key, place) => this.#reader.entry(key, place))
  }

  async transact(compare: readonly Compare[], operations: readonly Operation[]): Promise<TransactionResult> {
    this.#assertOpen()
    checkOperations(operations)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ compare, operations, resolve, reject })
      this.#working ??= this.#work()
    })
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<EventBatch> {
    return watchLog(this, prefix, revision, signal)
  }

  follow(prefix: string, onBatch: (batch: EventBatch) => void): { readonly revision: number; stop(): void } {
    this.#assertOpen()
    return { revision: this.#revision, stop: this.#followers.add(prefix, onBatch) }
  }

  compact(revision: number): Promise<void> {
    const done = this.#compacting.then(() => this.#compactTo(revision))
    this.#compacting = done.catch(() => {})
    return done
  }

  size(): Promise<number> {
    return allocatedBytes(this.#data.path)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#working
    await this.#compacting
    this.#followers.clear()
    await this.#disk.close()
    this.#wakers.wake()
    await this.#data.close()
  }

  after(revision: number, limit: number): readonly EventBatch[] {
    if (revision >= this.#revision) return []
    return this.#recent.after(revision, limit) ?? this.#older(revision, limit)
  }

  /** What memory need not have: from LMDB, and what it does not have yet. */
  #older(revision: number, limit: number): readonly EventBatch[] {
    const { flushed } = this.#disk
    const old = revision < flushed ? this.#reader.batchesAfter(revision, { limit, until: flushed }) : []
    if (old.length === limit) return old
    const rest = { limit: limit - old.length, until: this.#revision }
    return [...old, ...this.#disk.batchesAfter(Math.max(revision, flushed), rest)]
  }

  onChange(wake: () => void): () => void {
    return this.#wakers.add(wake)
  }

  /** Works off what waits, group by group, then ends. */
  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn() // those who ask in this same turn come along
      const group = this.#waiting.splice(0, MAX_GROUP)
      try {
        await this.#commit(group)
      } catch (error) {
        const failure = asStorageError(error, this.#data.path, 'write')
        for (const { reject } of group) reject(failure)
      }
    }
    this.#working = undefined
  }

  async #commit(group: readonly Request[]): Promise<void> {
    const read = (key: string, place: Parameters<LogReader['entry']>[1]) => this.#reader.entry(key, place)
    const plan = planGroup(group, { table: this.#table, revision: this.#revision, read })
    if (plan.steps.length > 0) {
      await this.#disk.write(plan.steps)
      for (const step of plan.steps) this.#publish(step)
      this.#wakers.wake()
    }
    plan.settle()
  }

  #publish({ revision, changes }: Step): void {
    for (const { event, sub, place } of changes) this.#table.record(event.key, revision, sub, place)
    this.#revision = revision
    const batch = { revision, events: changes.map((change) => change.event) }
    this.#recent.push(
      batch,
      changes.reduce((sum, change) => sum + change.logValue.length, 0),
    )
    this.#followers.tell(batch)
  }

  async #compactTo(revision: number): Promise<void> {
    this.#assertOpen()
    if (revision > this.#revision) throw new FutureRevision(this.#revision)
    // Where the disk fails it goes on in memory alone.
    const isFlushed = await this.#disk.flush().then(
      () => true,
      () => false,
    )
    while (this.#compacted < revision && !this.#closed) {
      const step = Math.min(revision, this.#table.stepAfter(COMPACTION_STEP) ?? revision)
      // Readers are refused from now on; whether the disk follows matters only to the space it takes.
      this.#compacted = step
      this.#recent.compact(step)
      this.#wakers.wake()
      this.#dropped.push(...this.#table.compact(step))
      if (isFlushed) await this.#drop(step)
    }
  }

  /** Takes what was compacted off the disk. What fails to go is tried again with what is compacted next. */
  async #drop(compacted: number): Promise<void> {
    const { log, meta } = this.#data
    const dropped = this.#dropped
    try {
      await writeBatch(this.#data, dropped.length * 256, () => [
        ...dropped.map(({ revision: at, sub }) => log.remove(logKey(at, sub))),
        meta.put(COMPACTED, uint48(compacted)),
        meta.put(REVISION, uint48(this.#disk.flushed)),
      ])
      this.#dropped = []
    } catch (error) {
      this.#log.warn('what was compacted stays on the disk for now', { error })
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw closed()
  }
}

function uint48(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}
