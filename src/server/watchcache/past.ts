/**
 * Watches that go on from before what a cache remembers: what they missed is read from the storage's history, which goes
 * back to its last compaction (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 */

import { nextTurn } from '../../base/async/turn.ts'
import type { Storage, StorageEvent } from '../../storage/storage.ts'
import { storedFrom } from '../registry/stored-object.ts'
import { Change } from './change.ts'
import type { WatchCache, WatchRequest, WatchSink } from './watch-cache.ts'
import type { WatchFrame } from './watch-frame.ts'

export interface Past {
  readonly storage: Storage
  /** All keys that the storage's revisions are about. */
  readonly root: string
  readonly cache: WatchCache
  /** Where the cache stands. */
  readonly revision: number
}

/** So many events may come while the past is read. */
const MAX_WAITING = 10_000
/** Others have their turn after so many changes. */
const TURN = 500

/** Begins a watch after `since`; the returned function ends it. Where the past goes away meanwhile, the watch ends. */
export function watchFromPast(past: Past, since: number, request: WatchRequest, sink: WatchSink): () => void {
  const { cache, revision } = past
  const reading = new AbortController()
  const patient = new PatientSink(sink, () => reading.abort())
  // What happens from now on waits until everything before it was told.
  const stop = cache.watch({ ...request, since: revision }, patient, revision)
  const end = () => {
    reading.abort()
    stop()
  }
  missed(past, since, request, reading.signal).then(
    (frames) => {
      if (!reading.signal.aborted && !patient.release(frames)) end()
    },
    () => {
      if (reading.signal.aborted) return
      end()
      sink.end()
    },
  )
  return end
}

/** What a watch would have seen after `since` and up to where the cache stands. */
async function missed(
  { storage, root, cache, revision }: Past,
  since: number,
  { selection }: WatchRequest,
  signal: AbortSignal,
): Promise<WatchFrame[]> {
  const frames: WatchFrame[] = []
  let batches = 0
  for await (const batch of storage.watch(root, since, signal)) {
    if (batch.revision > revision) break
    for (const event of batch.events) {
      if (!event.key.startsWith(cache.resource.prefix)) continue
      const frame = changeOf(event).seenBy(selection)
      if (frame !== undefined) frames.push(frame)
    }
    if (batch.revision === revision) break
    if (++batches % TURN === 0) await nextTurn()
  }
  return frames
}

function changeOf({ revision, entry, previous }: StorageEvent): Change {
  const current = entry === undefined ? undefined : storedFrom(entry.value, revision)
  const before = previous === undefined ? undefined : storedFrom(previous.value, previous.modRevision)
  return new Change(revision, current, before)
}

/** Keeps what it is offered until it is told what came before. */
class PatientSink implements WatchSink {
  readonly #sink: WatchSink
  readonly #onEnd: () => void
  #waiting: WatchFrame[] | undefined = []

  constructor(sink: WatchSink, onEnd: () => void) {
    this.#sink = sink
    this.#onEnd = onEnd
  }

  begin(): void {
    // Nothing: it begins with what it is told at its release.
  }

  offer(frame: WatchFrame): boolean {
    if (this.#waiting === undefined) return this.#sink.offer(frame)
    return this.#waiting.push(frame) <= MAX_WAITING
  }

  end(): void {
    this.#onEnd()
    this.#sink.end()
  }

  /** False: the reader is too slow, and was told that the watch is over. */
  release(frames: readonly WatchFrame[]): boolean {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    this.#sink.begin(frames)
    if (waiting.every((frame) => this.#sink.offer(frame))) return true
    this.#sink.end()
    return false
  }
}
