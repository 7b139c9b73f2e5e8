/**
 * The present and the recent past of one resource. It follows the storage without a gap, so what it holds is what the
 * storage acknowledged last; lists, reads and watches are served from it
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 */

import { expired } from '../../meta/errors.ts'
import type { Entry, StorageEvent } from '../../storage/storage.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { type StoredObject, storedFrom } from '../registry/stored-object.ts'
import { addedFrame, Change } from './change.ts'
import { OrderedObjects } from './ordered-objects.ts'
import { type Selection, selectionKey, selects } from './selection.ts'
import { bookmarkFrame, type WatchFrame } from './watch-frame.ts'

/** Takes the events of one watch. */
export interface WatchSink {
  /** Everything that came before; called once, before any `offer`. */
  begin(frames: readonly WatchFrame[]): void
  /** One event. False: the reader is too slow, and the watch is over. */
  offer(frame: WatchFrame): boolean
  /** The watch is over; nothing follows. */
  end(): void
}

export interface WatchRequest {
  readonly selection: Selection
  /** Only what changed after this; absent: begin with everything there is. */
  readonly since?: number
  /** Tell in a bookmark when everything there was has been told. */
  readonly markInitialEnd?: boolean
  readonly bookmarks: boolean
}

interface Group {
  readonly selection: Selection
  readonly watchers: Set<{ readonly sink: WatchSink; readonly bookmarks: boolean }>
}

/** So many changes are kept for watches that resume, */
export const WINDOW = 4_096
/** and so many characters and values of them. */
const WINDOW_WEIGHT = 4 * 2 ** 20
/** What has left the window takes memory until it is trimmed: so many changes at the most. */
const TRIM_AT = 256

export class WatchCache {
  readonly resource: ServedResource
  readonly #objects = new OrderedObjects()
  readonly #groups = new Map<string, Group>()
  #window: Change[] = []
  #windowHead = 0
  #windowWeight = 0
  /** The window has every change after this revision. */
  #windowStart = 0
  readonly #listeners = new Set<(change: Change) => void>()

  constructor(resource: ServedResource) {
    this.resource = resource
  }

  get size(): number {
    return this.#objects.size
  }

  /** Every change after this revision is remembered here; older ones are the storage's to tell. */
  get rememberedSince(): number {
    return this.#windowStart
  }

  /** Characters and values in all objects: about as many bytes as they take in an answer. */
  get weight(): number {
    return this.#objects.weight
  }

  get watchers(): number {
    let count = 0
    for (const { watchers } of this.#groups.values()) count += watchers.size
    return count
  }

  /** Fills the empty cache with what the storage holds at `revision`. */
  load(entries: readonly Entry[], revision: number): void {
    for (const { value, modRevision } of entries) this.#objects.set(storedFrom(value, modRevision))
    this.#windowStart = revision
  }

  /** Watches can begin at `revision`, the newest, and no longer before it. */
  beginHistory(revision: number): void {
    this.#window = []
    this.#windowHead = 0
    this.#windowWeight = 0
    this.#windowStart = revision
  }

  /** Forgets the changes up to `revision`: they, and what they were encoded to, are the storage's to tell from now on. */
  forget(revision: number): void {
    while (this.#windowHead < this.#window.length && this.#window[this.#windowHead]!.revision <= revision) {
      this.#forgetOldest()
    }
    this.#trim()
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(namespace, name)
  }

  /** The selected objects in key order. */
  list(selection: Selection): readonly StoredObject[] {
    const { namespace, name, matches } = selection
    if (name !== undefined && (namespace !== undefined || !this.resource.namespaced)) {
      const only = this.#objects.get(namespace ?? '', name)
      return only !== undefined && selects(selection, only) ? [only] : []
    }
    const all = this.#objects.list(namespace)
    return matches === undefined ? all : all.filter(matches)
  }

  /** Every object, of one namespace or of all, in key order. */
  all(namespace?: string): readonly StoredObject[] {
    return this.#objects.list(namespace)
  }

  /** Calls `listener` for every change from now on, inside the write that made it. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes one change of the storage. */
  apply(event: StorageEvent): void {
    const previous = this.#previousOf(event)
    const current = event.entry === undefined ? undefined : storedFrom(event.entry.value, event.revision)
    if (current !== undefined) this.#objects.set(current)
    else if (previous !== undefined) this.#objects.delete(previous.namespace, previous.name)
    if (current === undefined && previous === undefined) return
    const change = new Change(event.revision, current, previous)
    this.#remember(change)
    for (const listener of this.#listeners) listener(change)
    for (const [key, group] of this.#groups) this.#tell(key, group, change)
  }

  /**
   * Begins a watch at `revision`, the storage's newest. The returned function ends it. Throws `Expired` when the changes
   * after `since` are no longer known.
   */
  watch(
    { selection, since, markInitialEnd = false, bookmarks }: WatchRequest,
    sink: WatchSink,
    revision: number,
  ): () => void {
    sink.begin(
      since === undefined ? this.#initial(selection, markInitialEnd, revision) : this.#replay(selection, since),
    )
    const key = selectionKey(selection)
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { selection, watchers: new Set() }
      this.#groups.set(key, group)
    }
    const watcher = { sink, bookmarks }
    const { watchers } = group
    watchers.add(watcher)
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.#groups.get(key)?.watchers === watchers) this.#groups.delete(key)
    }
  }

  /** Tells the watches that ask for bookmarks that they have everything up to `revision`. */
  bookmark(revision: number): void {
    let frame: WatchFrame | undefined
    for (const [key, group] of this.#groups) {
      for (const watcher of group.watchers) {
        if (!watcher.bookmarks) continue
        frame ??= bookmarkFrame(this.resource, revision)
        if (!watcher.sink.offer(frame)) this.#cutOff(key, group, watcher)
      }
    }
  }

  /** Tells one watch that it has everything up to `revision`. */
  bookmarkFor(sink: WatchSink, revision: number): void {
    sink.offer(bookmarkFrame(this.resource, revision))
  }

  /** Ends all watches. */
  close(): void {
    for (const { watchers } of this.#groups.values()) for (const { sink } of watchers) sink.end()
    this.#groups.clear()
  }

  #previousOf({ key, previous }: StorageEvent): StoredObject | undefined {
    const path = key.slice(this.resource.prefix.length)
    const slash = this.resource.namespaced ? path.indexOf('/') : -1
    const known = this.#objects.get(slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1))
    return known ?? (previous === undefined ? undefined : storedFrom(previous.value, previous.modRevision))
  }

  #remember(change: Change): void {
    this.#window.push(change)
    this.#windowWeight += change.weight
    while (this.#window.length - this.#windowHead > WINDOW || this.#windowWeight > WINDOW_WEIGHT) this.#forgetOldest()
    if (this.#windowHead >= TRIM_AT) this.#trim()
  }

  #forgetOldest(): void {
    const { revision, weight } = this.#window[this.#windowHead]!
    this.#windowStart = revision
    this.#windowWeight -= weight
    this.#windowHead++
  }

  #trim(): void {
    if (this.#windowHead === 0) return
    this.#window = this.#window.slice(this.#windowHead)
    this.#windowHead = 0
  }

  #tell(key: string, group: Group, change: Change): void {
    const frame = change.seenBy(group.selection)
    if (frame === undefined) return
    for (const watcher of group.watchers) if (!watcher.sink.offer(frame)) this.#cutOff(key, group, watcher)
  }

  #cutOff(key: string, group: Group, watcher: { readonly sink: WatchSink; readonly bookmarks: boolean }): void {
    group.watchers.delete(watcher)
    if (group.watchers.size === 0) this.#groups.delete(key)
    watcher.sink.end()
  }

  #initial(selection: Selection, markEnd: boolean, revision: number): readonly WatchFrame[] {
    const frames = this.list(selection).map(addedFrame)
    return markEnd ? [...frames, bookmarkFrame(this.resource, revision, true)] : frames
  }

  #replay(selection: Selection, since: number): readonly WatchFrame[] {
    if (since < this.#windowStart) throw expired(`too old resource version: ${since} (${this.#windowStart})`)
    let low = this.#windowHead
    let high = this.#window.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#window[middle]!.revision <= since) low = middle + 1
      else high = middle
    }
    const frames: WatchFrame[] = []
    for (let at = low; at < this.#window.length; at++) {
      const frame = this.#window[at]!.seenBy(selection)
      if (frame !== undefined) frames.push(frame)
    }
    return frames
  }
}
