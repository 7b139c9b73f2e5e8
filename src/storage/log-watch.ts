/**
 * Watches as cursors into a store's log. Nothing is buffered for a watcher: it reads on when its owner asks, and is
 * cut off with `Compacted` when the log has dropped what it had not read yet.
 */

import { closed } from './errors.ts'
import { underPrefix } from './followers.ts'
import { Compacted, type EventBatch } from './storage.ts'

/** What a watch reads from. */
export interface ReadableLog {
  /** The newest durable revision. */
  readonly revision: number
  /** Events at or before it are gone. */
  readonly compacted: number
  readonly isClosed: boolean
  /** Up to `limit` batches after `revision`, in order, durable ones only. */
  after(revision: number, limit: number): readonly EventBatch[]
  /** Calls `wake` once, at the next change of any of the above. The returned function takes it back. */
  onChange(wake: () => void): () => void
}

/** How many batches are looked at between two turns of the event loop's microtasks. */
const STRETCH = 256

/** Every change under `prefix` after `revision`, as `Storage.watch` promises it. */
export async function* watchLog(
  log: ReadableLog,
  prefix: string,
  revision: number,
  signal: AbortSignal,
): AsyncGenerator<EventBatch> {
  let cursor = revision
  /** The last revision the reader knows to be complete. */
  let told = revision
  for (;;) {
    signal.throwIfAborted()
    if (log.isClosed) throw closed()
    if (cursor < log.compacted) throw new Compacted(log.compacted)
    const batches = log.after(cursor, STRETCH)
    for (const batch of batches) {
      // A batch that came off the log before the reader fell behind is still whole: it may be told.
      cursor = batch.revision
      const part = underPrefix(batch, prefix)
      if (part === undefined) continue
      told = cursor
      yield part
      signal.throwIfAborted()
    }
    if (cursor - told >= STRETCH) {
      told = cursor
      yield { revision: cursor, events: [] }
    }
    if (batches.length === 0) await changed(log, signal)
  }
}

function changed(log: ReadableLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      forget()
      reject(signal.reason)
    }
    const forget = log.onChange(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
