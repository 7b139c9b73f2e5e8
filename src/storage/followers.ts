/** Those who follow a store: told of every durable batch, synchronously, in order. */

import type { EventBatch } from './storage.ts'

interface Follower {
  readonly prefix: string
  readonly onBatch: (batch: EventBatch) => void
}

/** The part of `batch` under `prefix`; the batch itself when that is all of it. */
export function underPrefix(batch: EventBatch, prefix: string): EventBatch | undefined {
  if (batch.events.every((event) => event.key.startsWith(prefix))) return batch.events.length === 0 ? undefined : batch
  const events = batch.events.filter((event) => event.key.startsWith(prefix))
  return events.length === 0 ? undefined : { revision: batch.revision, events }
}

/** The followers of one store. */
export class Followers {
  readonly #all = new Set<Follower>()

  /** Adds one; the returned function takes it away. */
  add(prefix: string, onBatch: (batch: EventBatch) => void): () => void {
    const follower = { prefix, onBatch }
    this.#all.add(follower)
    return () => this.#all.delete(follower)
  }

  /** One that throws has a bug; the others and the store go on, and the error surfaces as uncaught. */
  tell(batch: EventBatch): void {
    for (const { prefix, onBatch } of this.#all) {
      const part = underPrefix(batch, prefix)
      if (part === undefined) continue
      try {
        onBatch(part)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  clear(): void {
    this.#all.clear()
  }
}
