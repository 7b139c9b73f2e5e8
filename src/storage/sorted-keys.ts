/**
 * An ordered map from keys to records, for ranges by prefix. Records sit in sorted blocks of bounded size, so that
 * finding is two binary searches and inserting moves at most one block.
 */

import { compareKeys } from './key-order.ts'

const BLOCK = 512

export interface Keyed {
  readonly key: string
}

/** Keeps records sorted by the bytes of their keys. One record a key. */
export class SortedKeys<R extends Keyed> {
  readonly #byKey = new Map<string, R>()
  readonly #blocks: R[][] = []

  get size(): number {
    return this.#byKey.size
  }

  get(key: string): R | undefined {
    return this.#byKey.get(key)
  }

  /** Adds a record; one of the same key is replaced. */
  set(record: R): void {
    const replaces = this.#byKey.has(record.key)
    this.#byKey.set(record.key, record)
    if (this.#blocks.length === 0) this.#blocks.push([])
    const at = this.#blockOf(record.key)
    const block = this.#blocks[at] as R[]
    const position = lowerBound(block, record.key)
    if (replaces) {
      block[position] = record
      return
    }
    block.splice(position, 0, record)
    if (block.length > BLOCK) this.#blocks.splice(at + 1, 0, block.splice(BLOCK / 2))
  }

  delete(key: string): void {
    if (!this.#byKey.delete(key)) return
    const at = this.#blockOf(key)
    const block = this.#blocks[at] as R[]
    block.splice(lowerBound(block, key), 1)
    if (block.length === 0) this.#blocks.splice(at, 1)
  }

  /** All records whose keys start with `prefix` and are at or after `from`, in order. Not to be changed meanwhile. */
  *range(prefix: string, from = ''): Iterable<R> {
    const start = compareKeys(from, prefix) > 0 ? from : prefix
    const first = this.#blockOf(start)
    for (let at = first; at < this.#blocks.length; at++) {
      const block = this.#blocks[at] as R[]
      for (let i = at === first ? lowerBound(block, start) : 0; i < block.length; i++) {
        const record = block[i] as R
        if (!record.key.startsWith(prefix)) return
        yield record
      }
    }
  }

  /** The last block that starts at or before `key`; the first one if none does. */
  #blockOf(key: string): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = this.#blocks[middle]?.[0]
      if (first !== undefined && compareKeys(first.key, key) <= 0) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

function lowerBound(block: readonly Keyed[], key: string): number {
  let low = 0
  let high = block.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys((block[middle] as Keyed).key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
