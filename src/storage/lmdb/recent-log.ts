/** The newest batches, kept in memory so that a watch that keeps up never reads the disk. Bounded by count and bytes. */

import type { EventBatch } from '../storage.ts'

const MAX_BATCHES = 1_024
const MAX_BYTES = 4 * 2 ** 20

interface Kept {
  readonly batch: EventBatch
  readonly bytes: number
}

export class RecentLog {
  #kept: Kept[] = []
  #bytes = 0

  push(batch: EventBatch, bytes: number): void {
    this.#kept.push({ batch, bytes })
    this.#bytes += bytes
    if (this.#kept.length > MAX_BATCHES || this.#bytes > MAX_BYTES) this.#shrink()
  }

  /** Drops what is at or before `revision`. */
  compact(revision: number): void {
    this.#keep(this.#kept.filter(({ batch }) => batch.revision > revision))
  }

  /** Up to `limit` batches after `revision`; `undefined` when the first of them is no longer here. */
  after(revision: number, limit: number): readonly EventBatch[] | undefined {
    const first = this.#kept[0]?.batch.revision
    if (first === undefined || revision + 1 < first) return undefined
    const start = revision + 1 - first
    return this.#kept.slice(start, start + limit).map(({ batch }) => batch)
  }

  /** Drops the older half at once, so that a steady stream does not move the array at every write. */
  #shrink(): void {
    let from = Math.ceil(this.#kept.length / 2)
    let left = this.#kept.slice(from).reduce((sum, { bytes }) => sum + bytes, 0)
    while (left > MAX_BYTES) left -= this.#kept[from++]?.bytes ?? left
    this.#keep(this.#kept.slice(from))
  }

  #keep(kept: Kept[]): void {
    this.#kept = kept
    this.#bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
