/**
 * A small API in memory, for tests of what lives on a `Transport`: objects, revisions, conflicts, watches that resume
 * or expire, and faults on demand. It passes the transport contract; it knows no admission, defaults or validation.
 */

import { type Channel, channel } from '../base/async/channel.ts'
import { ConnectionError } from './connection-error.ts'
import { OBJECT_MODIFIED, alreadyExists, conflict, expired, notFound } from '../meta/errors.ts'
import { deepFreeze } from '../meta/deep-readonly.ts'
import type { KubeObject, ObjectMeta } from '../meta/types.ts'
import type { ApiCall, ResourceTarget, Transport, WatchEvent, WatchOptions } from './transport.ts'

interface Change {
  readonly revision: number
  readonly resource: string
  readonly namespace: string
  readonly event: WatchEvent
}

interface Watcher {
  readonly resource: string
  readonly namespace: string | undefined
  readonly events: Channel<WatchEvent>
}

export class FakeApi implements Transport {
  #revision = 10
  #oldest = 10
  #made = 0
  #isDown = false
  readonly #objects = new Map<string, KubeObject>()
  #history: Change[] = []
  readonly #watchers = new Set<Watcher>()
  /** Every call and watch, e.g. `list pods`. */
  readonly asked: string[] = []

  get watchers(): number {
    return this.#watchers.size
  }

  /** Calls and watches fail from now on, and watches under way break; or all is well again. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown
    if (isDown) this.cutWatches(new ConnectionError('the fake API is down'))
  }

  /** Ends all watches, as a server does from time to time. */
  cutWatches(error?: unknown): void {
    for (const watcher of this.#watchers) watcher.events.close(error)
  }

  /** Forgets the past: watches that resume from it get `Expired`. */
  compact(): void {
    this.#oldest = this.#revision
    this.#history = []
  }

  /** Tells watchers how far the store has come. */
  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.#revision) } }
    for (const { events } of this.#watchers) events.push({ type: 'BOOKMARK', object })
  }

  async call(call: ApiCall, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted()
    this.asked.push(`${call.verb} ${call.resource.resource}`)
    await Promise.resolve()
    if (this.#isDown) throw new ConnectionError('the fake API is down')
    switch (call.verb) {
      case 'list':
        return { metadata: { resourceVersion: String(this.#revision) }, items: this.#list(call).map(withoutType) }
      case 'get':
        return this.#need(call)
      case 'create':
        return this.#create(call, call.body as KubeObject)
      case 'update':
        return this.#update(call, call.body as KubeObject)
      case 'patch':
        return this.#update(call, { ...this.#need(call), ...(call.body as object) })
      case 'delete':
        return this.#delete(call)
      case 'deletecollection':
        return { items: this.#list(call).map(({ metadata }) => this.#delete({ ...call, ...namesOf(metadata) })) }
    }
  }

  async *watch(target: ResourceTarget, options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const { resource } = target.resource
    this.asked.push(`watch ${resource} from ${options.resourceVersion ?? 'now'}`)
    if (this.#isDown) throw new ConnectionError('the fake API is down')
    const since = Number(options.resourceVersion ?? this.#revision)
    if (since < this.#oldest) throw expired(`too old resource version: ${since} (${this.#oldest})`)
    const events: Channel<WatchEvent> = channel<WatchEvent>(1_000, () => this.#watchers.delete(watcher), signal)
    const watcher: Watcher = { resource, namespace: target.namespace, events }
    for (const change of this.#history) if (change.revision > since && wants(watcher, change)) events.push(change.event)
    this.#watchers.add(watcher)
    yield* events
  }

  #list({ resource: { resource }, namespace }: ResourceTarget): KubeObject[] {
    const prefix = namespace === undefined ? `${resource}/` : `${resource}/${namespace}/`
    return [...this.#objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object)
  }

  #need(target: ResourceTarget): KubeObject {
    const found = this.#objects.get(keyOf(target, target.name))
    if (found === undefined) throw notFound({ ...target.resource, name: target.name ?? '' })
    return found
  }

  #create(target: ResourceTarget, body: KubeObject): KubeObject {
    const name = body.metadata.name ?? ''
    const key = keyOf(target, name)
    if (this.#objects.has(key)) throw alreadyExists({ ...target.resource, name })
    this.#made += 1
    const uid = `uid-${this.#made}`
    return this.#store(target, 'ADDED', { ...body, metadata: { ...body.metadata, uid } })
  }

  #update(target: ResourceTarget, body: KubeObject): KubeObject {
    const old = this.#need(target)
    const { resourceVersion } = body.metadata
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict({ ...target.resource, name: target.name ?? '' }, OBJECT_MODIFIED)
    }
    const uid = old.metadata.uid ?? ''
    return this.#store(target, 'MODIFIED', { ...body, metadata: { ...body.metadata, uid } })
  }

  #delete(target: ResourceTarget): KubeObject {
    const old = this.#need(target)
    const gone = this.#store(target, 'DELETED', old)
    this.#objects.delete(keyOf(target, target.name))
    return gone
  }

  #store(target: ResourceTarget, type: 'ADDED' | 'MODIFIED' | 'DELETED', body: KubeObject): KubeObject {
    this.#revision += 1
    const metadata: ObjectMeta = { ...body.metadata, resourceVersion: String(this.#revision) }
    const object = deepFreeze<KubeObject>({
      ...structuredClone(body),
      metadata: structuredClone(metadata),
    }) as KubeObject
    const { resource } = target.resource
    this.#objects.set(keyOf(target, metadata.name), object)
    const change: Change = {
      revision: this.#revision,
      resource,
      namespace: target.namespace ?? '',
      event: { type, object },
    }
    this.#history.push(change)
    for (const watcher of this.#watchers) if (wants(watcher, change)) watcher.events.push(change.event)
    return object
  }
}

const keyOf = ({ resource, namespace = '' }: ResourceTarget, name = '') => `${resource.resource}/${namespace}/${name}`

const wants = (watcher: Watcher, change: Change) =>
  watcher.resource === change.resource && (watcher.namespace === undefined || watcher.namespace === change.namespace)

/** Items of a list carry no apiVersion and kind of their own. */
function withoutType(object: KubeObject): KubeObject {
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object
  return rest
}

const namesOf = ({ name = '', namespace }: KubeObject['metadata']) => ({
  name,
  ...(namespace !== undefined && { namespace }),
})
