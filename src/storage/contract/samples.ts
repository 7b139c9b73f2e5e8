/** What the contract's tests, and those of single engines, write and read with. */

import { expect } from 'vitest'
import type { Entry, EventBatch, Operation, Payload, Storage, TransactionResult } from '../storage.ts'

/** A payload that holds its text. */
export class TextPayload implements Payload {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  bytes(): Uint8Array {
    return Buffer.from(this.text)
  }
}

/** The text of an entry's value. */
export const textOf = (entry: Entry | undefined): string | undefined =>
  entry === undefined ? undefined : Buffer.from(entry.value.bytes()).toString()

/** A put of a text. */
export const put = (key: string, text: string): Operation => ({ put: key, value: () => new TextPayload(text) })

/** Writes whatever is there already; the answer is the revision. */
export async function write(storage: Storage, ...operations: Operation[]): Promise<number> {
  return revisionOf(await storage.transact([], operations))
}

function revisionOf(result: TransactionResult): number {
  expect(result.succeeded).toBe(true)
  return result.revision
}

/** What a transaction that lost found; nothing for one that won. */
export function standing(result: TransactionResult): readonly (Entry | undefined)[] {
  return result.succeeded ? [] : result.entries
}

/** Reads `count` events of a watch, then leaves it. */
export async function take(watch: AsyncIterable<EventBatch>, count: number): Promise<readonly string[]> {
  const seen: string[] = []
  for await (const batch of watch) {
    for (const event of batch.events)
      seen.push(`${event.revision} ${event.type} ${event.key} ${textOf(event.entry) ?? ''}`.trim())
    if (seen.length >= count) break
  }
  return seen
}

/** A signal that never aborts. */
export const never = () => new AbortController().signal

/** Opens a store for the length of one test. */
export type WithStore = (body: (storage: Storage) => Promise<void>) => () => Promise<void>
