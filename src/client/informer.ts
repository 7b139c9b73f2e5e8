/**
 * Informers: a local, indexed, always fresh copy of one resource, shared by all who read it. Lists once, then
 * watches; resumes where it was cut; lists again only when its revision is gone
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 */

import { aborted } from '../base/async/group.ts'
import { type Backoff, createBackoff } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type Random, seededRandom } from '../base/random.ts'
import { type DeepReadonly, deepFreeze } from '../meta/deep-readonly.ts'
import { hasReason } from '../meta/errors.ts'
import type { KubeObject } from '../meta/types.ts'
import type { Client } from './client.ts'
import { type ResourceRef, apiVersionOf } from './resources.ts'
import { type Lister, ObjectStore, cacheKey } from './store.ts'
import type { WatchEvent } from './transport.ts'

export type { Lister } from './store.ts'

/** Told of changes, synchronously and in order. May not throw. */
export interface InformerHandler<T> {
  added?(object: DeepReadonly<T>): void
  updated?(object: DeepReadonly<T>, old: DeepReadonly<T>): void
  /** With the last state that is known. */
  deleted?(object: DeepReadonly<T>): void
}

export interface InformerScope {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** A cache of one resource. Its objects are frozen and carry apiVersion and kind. */
export interface Informer<T extends KubeObject> extends Lister<T> {
  /** True once the first list has been taken in and told to all handlers. */
  readonly synced: boolean
  whenSynced(signal?: AbortSignal): Promise<void>
  /** From now on tells `handler`; first of all that is there already. The returned function ends it. */
  on(handler: InformerHandler<T>): () => void
  addIndex(name: string, values: (object: DeepReadonly<T>) => readonly string[]): void
  /** Follows the server until `signal` aborts, then throws its reason. Once at a time. */
  run(signal: AbortSignal): Promise<void>
}

export interface InformerDeps {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** How long a watch lasts at least; at most twice as long. 5 minutes. */
  readonly watchSeconds?: number
}

const RETRY = { baseMs: 100, maxMs: 30_000, jitter: 0.5 }
/** A watch that lasted no longer and told nothing counts as a failure: a server must not be asked in a hot loop. */
const SHORT_WATCH_MS = 1_000
/** Watches are renewed after 5 to 10 minutes, as Kubernetes's clients do. */
const WATCH_SECONDS = 300
/** Within a process no connection grows old, and no other server wants its share. */
export const WATCH_SECONDS_IN_PROCESS = 3_600

/** An informer of its own; most callers want one shared through an `InformerFactory`. */
export function createInformer<T extends KubeObject>(
  deps: InformerDeps,
  ref: ResourceRef<T>,
  scope: InformerScope = {},
): Informer<T> {
  return new WatchingInformer(deps, ref, scope)
}

class WatchingInformer<T extends KubeObject> implements Informer<T> {
  readonly #deps: InformerDeps
  readonly #ref: ResourceRef<T>
  readonly #scope: InformerScope
  readonly #store = new ObjectStore<T>()
  readonly #handlers = new Set<InformerHandler<T>>()
  readonly #waiting = new Set<() => void>()
  /** The revision up to which the store is known to be right; absent: list first. */
  #since: string | undefined
  #synced = false

  constructor(deps: InformerDeps, ref: ResourceRef<T>, scope: InformerScope) {
    this.#deps = deps
    this.#ref = ref
    this.#scope = scope
  }

  get synced(): boolean {
    return this.#synced
  }

  get(key: string): DeepReadonly<T> | undefined {
    return this.#store.get(key)
  }

  list(namespace?: string): readonly DeepReadonly<T>[] {
    return this.#store.list(namespace)
  }

  byIndex(index: string, value: string): readonly DeepReadonly<T>[] {
    return this.#store.byIndex(index, value)
  }

  indexValues(index: string): readonly string[] {
    return this.#store.indexValues(index)
  }

  addIndex(name: string, values: (object: DeepReadonly<T>) => readonly string[]): void {
    this.#store.addIndex(name, values)
  }

  on(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler)
    for (const object of this.#store.list()) handler.added?.(object)
    return () => this.#handlers.delete(handler)
  }

  whenSynced(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      if (this.#synced) return resolve()
      const done = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#waiting.delete(done)
        reject(signal?.reason)
      }
      this.#waiting.add(done)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, random } = this.#deps
    const backoff = createBackoff(RETRY, random)
    for (;;) {
      signal.throwIfAborted()
      try {
        this.#since ??= await this.#relist(signal)
        if (await this.#follow(backoff, signal)) continue
      } catch (error) {
        signal.throwIfAborted()
        if (hasReason(error, 'Expired') || hasReason(error, 'Gone')) {
          this.#since = undefined
          if (backoff.failures === 0) {
            backoff.next()
            continue
          }
        } else {
          log.warn('list or watch failed', { resource: this.#ref.resource, failures: backoff.failures + 1, error })
        }
      }
      await clock.sleep(backoff.next(), signal)
    }
  }

  /** Takes in the whole state and tells the differences. The answer is its revision. */
  async #relist(signal: AbortSignal): Promise<string> {
    const { items, metadata } = await this.#deps.client.list(this.#ref, this.#scope, signal)
    const present = new Set<string>()
    for (const item of items) {
      present.add(cacheKey(item))
      this.#put(item)
    }
    for (const key of this.#store.keys()) if (!present.has(key)) this.#drop(key)
    if (!this.#synced) {
      this.#synced = true
      for (const done of this.#waiting) done()
      this.#waiting.clear()
    }
    return metadata.resourceVersion ?? ''
  }

  /** One watch, to its end. False when it was so short and told so little that asking again at once would be rude. */
  async #follow(backoff: Backoff, signal: AbortSignal): Promise<boolean> {
    const { client, clock, random } = this.#deps
    const begun = clock.monotonic()
    let told = 0
    const options = {
      ...this.#scope,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.floor((this.#deps.watchSeconds ?? WATCH_SECONDS) * (1 + random.next())),
      ...(this.#since === undefined ? {} : { resourceVersion: this.#since }),
    }
    for await (const event of client.watch(this.#ref, options, signal)) {
      this.#apply(event)
      told += 1
      if (told === 1) backoff.reset()
    }
    const worked = told > 0 || clock.monotonic() - begun > SHORT_WATCH_MS
    if (worked) backoff.reset()
    return worked
  }

  #apply({ type, object }: WatchEvent<DeepReadonly<T>>): void {
    if (type === 'DELETED') this.#drop(cacheKey(object), object)
    else if (type !== 'BOOKMARK') this.#put(object)
    this.#since = object.metadata.resourceVersion ?? this.#since
  }

  #put(item: DeepReadonly<T>): void {
    const object = this.#complete(item)
    const key = cacheKey(object)
    const current = this.#store.get(key)
    if (current !== undefined && sameRevision(current, object)) return
    // Gone and made again between two looks: readers see the end of the one and the start of the other.
    if (current !== undefined && current.metadata.uid !== object.metadata.uid) this.#drop(key)
    const old = this.#store.set(key, object)
    for (const handler of this.#handlers) {
      if (old === undefined) handler.added?.(object)
      else handler.updated?.(object, old)
    }
  }

  #drop(key: string, last?: DeepReadonly<T>): void {
    const old = this.#store.delete(key)
    if (old === undefined) return
    const object = last === undefined ? old : this.#complete(last)
    for (const handler of this.#handlers) handler.deleted?.(object)
  }

  /** List items come without apiVersion and kind, and over HTTP nothing is frozen yet. */
  #complete(item: DeepReadonly<T>): DeepReadonly<T> {
    if (item.kind !== undefined && item.apiVersion !== undefined && Object.isFrozen(item)) return item
    const whole: unknown = { apiVersion: apiVersionOf(this.#ref), kind: this.#ref.kind, ...item }
    return deepFreeze(whole) as DeepReadonly<T>
  }
}

function sameRevision(a: DeepReadonly<KubeObject>, b: DeepReadonly<KubeObject>): boolean {
  return a.metadata.resourceVersion !== undefined && a.metadata.resourceVersion === b.metadata.resourceVersion
}

/** Hands out informers, one for each resource and scope, shared by all who ask. */
export interface InformerFactory {
  of<T extends KubeObject>(ref: ResourceRef<T>, scope?: InformerScope): Informer<T>
  /** Runs every informer asked for so far and later, until `signal` aborts, then throws its reason. */
  run(signal: AbortSignal): Promise<void>
}

/** A factory. Without `random`, jitter differs between processes by the time at which they start. */
export function createInformers(
  client: Client,
  clock: Clock,
  log: Log,
  random: Random = seededRandom(clock.now()),
  watchSeconds: number = WATCH_SECONDS,
): InformerFactory {
  const informers = new Map<string, Pick<Informer<KubeObject>, 'run'>>()
  let start: ((informer: Pick<Informer<KubeObject>, 'run'>) => void) | undefined

  return {
    of<T extends KubeObject>(ref: ResourceRef<T>, scope: InformerScope = {}): Informer<T> {
      const id = JSON.stringify([
        ref.group,
        ref.version,
        ref.resource,
        scope.namespace,
        scope.labelSelector,
        scope.fieldSelector,
      ])
      const known = informers.get(id) as Informer<T> | undefined
      if (known !== undefined) return known
      const informer = createInformer({ client, clock, log, random, watchSeconds }, ref, scope)
      informers.set(id, informer)
      start?.(informer)
      return informer
    },
    async run(signal) {
      const running: Promise<unknown>[] = []
      start = (informer) => running.push(informer.run(signal).catch(ignoreAbort))
      for (const informer of informers.values()) start(informer)
      try {
        await aborted(signal)
      } finally {
        start = undefined
        await Promise.all(running)
      }
      signal.throwIfAborted()
    },
  }
}

/** An informer ends only because it was told to. */
function ignoreAbort(): void {}
