/**
 * The storage engine of tests and simulations: everything in this process, nothing on disk, and the same contract as
 * the others (https://etcd.io/docs/v3.5/learning/api_guarantees/).
 */

import { closed } from '../errors.ts'
import { Followers } from '../followers.ts'
import { type ReadableLog, watchLog } from '../log-watch.ts'
import { SortedKeys } from '../sorted-keys.ts'
import {
  type Compare,
  type Entry,
  type EventBatch,
  FutureRevision,
  type Operation,
  type RangeOptions,
  type RangeResult,
  type Storage,
  type StorageEvent,
  type TransactionResult,
} from '../storage.ts'
import { checkOperations } from '../transaction.ts'
import { type KeyHistory, compactHistory, newest, readRange } from '../history.ts'
import { Wakers } from '../wakers.ts'

/** An empty store in memory. */
export function createMemoryStorage(): Storage {
  return new MemoryStorage()
}

class MemoryStorage implements Storage, ReadableLog {
  #revision = 1
  #compacted = 0
  #closed = false
  readonly #keys = new SortedKeys<KeyHistory<Entry>>()
  readonly #followers = new Followers()
  /** Batches after `#compacted`, in order; revisions may have gaps only where compaction cut. */
  #log: EventBatch[] = []
  readonly #wakers = new Wakers()

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
    return newest(this.#keys.get(key))
  }

  async range(options: RangeOptions): Promise<RangeResult> {
    this.#assertOpen()
    return readRange(this.#keys.range(options.prefix, options.from), options, this, (_, entry) => entry)
  }

  async transact(compare: readonly Compare[], operations: readonly Operation[]): Promise<TransactionResult> {
    this.#assertOpen()
    checkOperations(operations)
    const entries = compare.map(({ key }) => newest(this.#keys.get(key)))
    if (compare.some(({ modRevision }, i) => (entries[i]?.modRevision ?? 0) !== modRevision)) {
      return { succeeded: false, revision: this.#revision, entries }
    }
    const revision = this.#revision + 1
    const events = operations.flatMap((operation) => this.#eventOf(operation, revision))
    if (events.length === 0) return { succeeded: true, revision: this.#revision }
    this.#apply({ revision, events })
    return { succeeded: true, revision }
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<EventBatch> {
    return watchLog(this, prefix, revision, signal)
  }

  follow(prefix: string, onBatch: (batch: EventBatch) => void): { readonly revision: number; stop(): void } {
    this.#assertOpen()
    return { revision: this.#revision, stop: this.#followers.add(prefix, onBatch) }
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    if (revision > this.#revision) throw new FutureRevision(this.#revision)
    if (revision <= this.#compacted) return
    this.#compacted = revision
    this.#log = this.#log.slice(this.#indexAfter(revision))
    const gone: string[] = []
    for (const history of this.#keys.range('')) if (!compactHistory(history, revision)) gone.push(history.key)
    for (const key of gone) this.#keys.delete(key)
    this.#wakers.wake()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#followers.clear()
    this.#wakers.wake()
  }

  after(revision: number, limit: number): readonly EventBatch[] {
    const start = this.#indexAfter(revision)
    return this.#log.slice(start, start + limit)
  }

  onChange(wake: () => void): () => void {
    return this.#wakers.add(wake)
  }

  #eventOf(operation: Operation, revision: number): StorageEvent[] {
    const key = 'put' in operation ? operation.put : operation.delete
    const previous = newest(this.#keys.get(key))
    const before = previous === undefined ? {} : { previous }
    if ('put' in operation) {
      const createRevision = previous?.createRevision ?? revision
      const entry: Entry = { key, value: operation.value(revision), createRevision, modRevision: revision }
      return [{ type: 'put', key, revision, entry, ...before }]
    }
    return previous === undefined ? [] : [{ type: 'delete', key, revision, ...before }]
  }

  #apply(batch: EventBatch): void {
    for (const { key, entry, revision } of batch.events) {
      const history = this.#keys.get(key)
      if (history === undefined) this.#keys.set({ key, versions: [{ revision, entry }] })
      else history.versions.push({ revision, entry })
    }
    this.#revision = batch.revision
    this.#log.push(batch)
    this.#followers.tell(batch)
    this.#wakers.wake()
  }

  /** Where in the log the first batch after `revision` stands. Every revision after the first has one batch. */
  #indexAfter(revision: number): number {
    const first = this.#log[0]
    if (first === undefined) return 0
    return Math.min(this.#log.length, Math.max(0, revision + 1 - first.revision))
  }

  #assertOpen(): void {
    if (this.#closed) throw closed()
  }
}
