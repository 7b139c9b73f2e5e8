/** The caches of all resources, fed by one follower of the storage, so that all stand at the same revision always. */

import type { Clock } from '../../base/clock.ts'
import { expired } from '../../meta/errors.ts'
import { Compacted, type EventBatch, type Storage } from '../../storage/storage.ts'
import type { ResourceTable, ServedResource } from '../registry/served-resource.ts'
import { watchFromPast } from './past.ts'
import { WatchCache, type WatchRequest, type WatchSink } from './watch-cache.ts'

const ROOT = '/registry/'
/** How often watches learn how far they are, and the least time that a change is remembered unless there are very many. */
const BOOKMARK_EVERY_MS = 60_000
/** How often history is dropped; what is younger than this is kept. */
const COMPACT_EVERY_MS = 5 * 60_000
/** So many of the last revisions are read at the start, for watches that resume. */
const HISTORY = 1_000
/** A watch that is further behind begins anew: as many changes as Kubernetes remembers of one resource at the most. */
const MAX_BEHIND = 100 * 1024

export class WatchCaches {
  readonly #storage: Storage
  readonly #byPrefix = new Map<string, WatchCache>()
  #revision = 0
  /** The storage has every change after this revision. */
  #oldest = 0
  /** Batches that came while the caches were being filled. */
  #waiting: EventBatch[] | undefined = []
  #follower: { stop(): void } | undefined

  constructor(storage: Storage, resources: ResourceTable) {
    this.#storage = storage
    for (const resource of resources.all()) {
      if (resource.stored && resource.view === undefined) {
        this.#byPrefix.set(resource.prefix, new WatchCache(resource))
      }
    }
  }

  /** The revision all caches stand at. */
  get revision(): number {
    return this.#revision
  }

  /** The cache that a resource is served from; views share the cache of what is stored. */
  of(resource: ServedResource): WatchCache {
    const cache = this.#byPrefix.get(resource.prefix)
    if (cache === undefined) throw new Error(`${resource.key} is not stored`)
    return cache
  }

  all(): Iterable<WatchCache> {
    return this.#byPrefix.values()
  }

  /**
   * Reads everything there is and follows from there. Called once, before anything else. What was there a while ago is
   * read first and then brought up to date change by change, so that watches of before a restart go on without a gap.
   */
  async fill(): Promise<void> {
    const follower = this.#storage.follow(ROOT, (batch) => this.#take(batch))
    this.#follower = follower
    const newest = follower.revision
    this.#oldest = await this.#oldestReadable(1)
    const start = Math.max(newest - HISTORY, this.#oldest)
    for (const cache of this.#byPrefix.values()) {
      // One at a time: a large store must not be in memory twice.
      // oxlint-disable-next-line no-await-in-loop
      const { entries } = await this.#storage.range({ prefix: cache.resource.prefix, revision: start })
      cache.load(entries, start)
    }
    this.#revision = start
    if (start < newest) await this.#catchUp(start, newest)
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const batch of waiting) if (batch.revision > newest) this.#deliver(batch)
  }

  /** `wanted`, or the oldest revision that is left. */
  async #oldestReadable(wanted: number): Promise<number> {
    try {
      await this.#storage.range({ prefix: ROOT, revision: wanted, limit: 1 })
      return wanted
    } catch (error) {
      if (error instanceof Compacted) return error.compactRevision
      throw error
    }
  }

  async #catchUp(start: number, newest: number): Promise<void> {
    const reading = new AbortController()
    for await (const batch of this.#storage.watch(ROOT, start, reading.signal)) {
      if (batch.revision <= newest) this.#deliver(batch)
      if (batch.revision >= newest) break
    }
  }

  /** Forgets how things came to be as they are now: nobody can have seen a revision before this one. */
  beginHistory(): void {
    this.#oldest = this.#revision
    for (const cache of this.#byPrefix.values()) cache.beginHistory(this.#revision)
  }

  /** Sends bookmarks and drops old history, until `signal` aborts. */
  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    let forgetTo = this.#revision
    let compactTo = this.#revision
    let compactedAt = clock.monotonic()
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop
      await clock.sleep(BOOKMARK_EVERY_MS, signal)
      for (const cache of this.#byPrefix.values()) {
        cache.bookmark(this.#revision)
        cache.forget(forgetTo)
      }
      forgetTo = this.#revision
      if (clock.monotonic() - compactedAt < COMPACT_EVERY_MS) continue
      compactedAt = clock.monotonic()
      if (compactTo > this.#oldest) {
        this.#oldest = compactTo
        // oxlint-disable-next-line no-await-in-loop
        await this.#storage.compact(compactTo)
      }
      compactTo = this.#revision
    }
  }

  /**
   * Begins a watch of a resource. Throws `Expired` where what changed since is known no longer: it is, for five minutes at
   * least, and however many changes there were, but for very many.
   */
  watch(resource: ServedResource, request: WatchRequest, sink: WatchSink): () => void {
    const cache = this.of(resource)
    const revision = this.#revision
    const { since } = request
    if (since === undefined || since >= cache.rememberedSince) return cache.watch(request, sink, revision)
    if (since < this.#oldest || revision - since > MAX_BEHIND) {
      throw expired(`too old resource version: ${since} (${Math.max(this.#oldest, revision - MAX_BEHIND)})`)
    }
    return watchFromPast({ storage: this.#storage, root: ROOT, cache, revision }, since, request, sink)
  }

  /** Ends all watches and stops following. */
  close(): void {
    this.#follower?.stop()
    for (const cache of this.#byPrefix.values()) cache.close()
  }

  #take(batch: EventBatch): void {
    if (this.#waiting === undefined) this.#deliver(batch)
    else this.#waiting.push(batch)
  }

  #deliver({ revision, events }: EventBatch): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const event of events) this.#byPrefix.get(prefixOf(event.key))?.apply(event)
  }
}

/** `/registry/apps/deployments/` of `/registry/apps/deployments/default/web`. */
function prefixOf(key: string): string {
  const group = key.indexOf('/', ROOT.length)
  return key.slice(0, key.indexOf('/', group + 1) + 1)
}
