/**
 * The storage contract, which is etcd's: one revision for the whole store, compare-and-set transactions, range
 * reads at a revision, an ordered watch from a revision, compaction (https://etcd.io/docs/v3.5/learning/api/).
 * Every engine passes `contract.ts`.
 */

/**
 * A value. Engines that write to disk ask for its bytes; an in-process reader of a watch or range gets back the very
 * `Payload` that was written where the engine still has it, so that a decoded object is not parsed again.
 */
export interface Payload {
  bytes(): Uint8Array
}

/** One key as it stood at some revision. */
export interface Entry {
  readonly key: string
  readonly value: Payload
  readonly createRevision: number
  readonly modRevision: number
}

export interface RangeOptions {
  /** All keys that start with this. */
  readonly prefix: string
  /** Only keys at or after this one. */
  readonly from?: string
  /** At most so many; 0 or absent: all. */
  readonly limit?: number
  /** Read as of this revision; absent: the newest. Throws `Compacted` or `FutureRevision`. */
  readonly revision?: number
}

export interface RangeResult {
  readonly entries: readonly Entry[]
  /** The store's revision when this was read. */
  readonly revision: number
  /** How many keys matched beyond `entries`. */
  readonly remaining: number
}

/** A condition: the key's last change was at `modRevision` (0: the key does not exist). */
export interface Compare {
  readonly key: string
  readonly modRevision: number
}

/** `value` is called once the revision is known, for an object's bytes hold its own resourceVersion; it must be pure. */
export type Operation =
  | { readonly put: string; readonly value: (revision: number) => Payload }
  | { readonly delete: string }

export type TransactionResult =
  | { readonly succeeded: true; readonly revision: number }
  /** `entries` are the compared keys as they stand, in the order of the compares. */
  | { readonly succeeded: false; readonly revision: number; readonly entries: readonly (Entry | undefined)[] }

/** One change. Both kinds carry the entry as it was before, if there was one. */
export interface StorageEvent {
  readonly type: 'put' | 'delete'
  readonly key: string
  readonly revision: number
  /** The new entry of a put. */
  readonly entry?: Entry | undefined
  readonly previous?: Entry | undefined
}

/** All events of one revision under a prefix; without events, a promise that all up to `revision` has been told. */
export interface EventBatch {
  readonly revision: number
  readonly events: readonly StorageEvent[]
}

/** A read or watch at a revision whose history is gone. */
export class Compacted extends Error {
  override readonly name = 'Compacted'
  readonly compactRevision: number
  constructor(compactRevision: number) {
    super(`revision has been compacted; the oldest kept is after ${compactRevision}`)
    this.compactRevision = compactRevision
  }
}

/** A read at a revision that the store has not reached. */
export class FutureRevision extends Error {
  override readonly name = 'FutureRevision'
  readonly current: number
  constructor(current: number) {
    super(`revision is in the future; the store is at ${current}`)
    this.current = current
  }
}

export interface Storage {
  /** The newest revision that is durable and told to followers. An empty store is at 1. */
  readonly revision: number
  get(key: string): Promise<Entry | undefined>
  range(options: RangeOptions): Promise<RangeResult>
  /** Applies all operations at one new revision if all compares hold. Resolves when the change is durable. */
  transact(compare: readonly Compare[], operations: readonly Operation[]): Promise<TransactionResult>
  /**
   * Every change under `prefix` after `revision`, in order, without gaps or repeats, once durable. Throws `Compacted`.
   * A reader that falls too far behind is cut off with `Compacted`.
   */
  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<EventBatch>
  /**
   * Calls `onBatch` synchronously for every durable change under `prefix` from now on, before the `transact` that made
   * it resolves: the server's cache follows the store this way and so is never behind a write it acknowledged.
   */
  follow(prefix: string, onBatch: (batch: EventBatch) => void): { readonly revision: number; stop(): void }
  /** Drops history at or before `revision`; the newest value of every key stays. */
  compact(revision: number): Promise<void>
  /** How many bytes it takes on the disk; absent: it is in memory alone. */
  size?(): Promise<number>
  /** Flushes and releases everything. Calls after this reject. */
  close(): Promise<void>
}
