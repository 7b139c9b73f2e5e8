/**
 * Runs the Pods of a folder of manifests, or of a URL that answers with some, with or without an API server, and shows them there: each has a mirror Pod
 * that can be seen and not controlled (https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/).
 */

import type { Pod } from '../../api/generated/core-v1.ts'
import { isMirrorPod } from '../../api/core/v1/pod/facts.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { createWorkQueue, type WorkQueue } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/informer.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import type { ObjectMeta } from '../../meta/types.ts'
import { hasReason } from '../../meta/errors.ts'
import { namesOf, type PodView } from '../pods/pod-view.ts'
import { CONFIG_HASH, CONFIG_MIRROR } from './manifest.ts'
import { SourcedPods } from './sourced-pods.ts'
import type { ManifestSource } from './source.ts'

/**
 * A mirror that was deleted stays away so long: `kubectl delete` asks until it sees nothing under that name, and would
 * wait for the end of the new one if that came within the same few milliseconds.
 */
const GONE_MS = 1_000
const RETRY = { baseMs: 200, maxMs: 10_000 }
const MIRRORS = 'mirrors'

export interface StaticPodsDeps {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly node: string
  /** None: this kubelet runs no static Pods, and removes mirrors that are left of some. */
  readonly sources: readonly ManifestSource[]
  /** The Pods of this node as the API has them, mirrors included. */
  readonly known: Pick<Informer<Pod>, 'get' | 'list' | 'on'>
  /** Who runs the Pods. */
  readonly workers: {
    update(pod: PodView): void
    remove(uid: string): void
    get(uid: string): unknown
  }
  /** The mirror to which a static Pod's status is written from now on; `undefined`: there is none. */
  readonly mirrored: (uid: string, mirror: PodView | undefined) => void
}

const keyOf = (pod: PodView) => `${namesOf(pod).namespace}/${namesOf(pod).name}`
const hashOf = (pod: PodView, annotation: string) => pod.metadata.annotations?.[annotation]

export class StaticPods {
  readonly #deps: StaticPodsDeps
  readonly #queue: WorkQueue
  readonly #sources: readonly SourcedPods[]
  /** The uid of the Pod that runs, or still stops, under a name. */
  readonly #running = new Map<string, string>()
  /** When mirrors were seen to go, by namespace and name. */
  readonly #goneAt = new Map<string, number>()

  constructor(deps: StaticPodsDeps) {
    this.#deps = deps
    this.#queue = createWorkQueue(deps.clock, RETRY)
    this.#sources = deps.sources.map((source) => new SourcedPods(source, deps))
  }

  /** Reads the folder and starts what it asks for; what comes from elsewhere, and mirrors, come later. */
  async start(signal: AbortSignal): Promise<void> {
    const folders = this.#sources.filter(({ kind }) => kind === 'file')
    await Promise.all(folders.map((source) => source.read(signal)))
    this.#startAndStop()
  }

  /** Whether all sources have been read: before that nobody knows whose static Pod is nobody's. */
  get areAllRead(): boolean {
    return this.#sources.every(({ isRead }) => isRead)
  }

  /** A Pod has ended and is forgotten: its name is free. */
  ended(uid: string): void {
    for (const [name, running] of this.#running) {
      if (running !== uid) continue
      this.#running.delete(name)
      this.#queue.add(MIRRORS)
    }
  }

  /** Follows the sources and the mirrors until `signal` aborts. Mirrors need the Node to be registered. */
  async run(signal: AbortSignal): Promise<void> {
    const changed = () => this.#queue.add(MIRRORS)
    await Promise.all([this.#followMirrors(signal), ...this.#sources.map((source) => source.follow(changed, signal))])
  }

  async #followMirrors(signal: AbortSignal): Promise<void> {
    const { known, clock } = this.#deps
    const touched = (pod: PodView) => {
      if (isMirrorPod(pod)) this.#queue.add(MIRRORS)
    }
    const gone = (pod: PodView) => {
      if (!isMirrorPod(pod)) return
      this.#goneAt.set(keyOf(pod), clock.monotonic())
      this.#queue.addAfter(MIRRORS, GONE_MS)
    }
    const leave = known.on({ added: touched, updated: touched, deleted: gone })
    this.#queue.add(MIRRORS)
    try {
      for await (const key of this.#queue.take(signal)) await this.#work(key, signal)
    } finally {
      leave()
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    try {
      this.#startAndStop()
      await this.#mirror(signal)
      this.#queue.finish(key)
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn('could not show static Pods', { error })
      this.#queue.retry(key)
    }
  }

  /** By namespace and name; the first file has a name that several want. */
  get #wanted(): ReadonlyMap<string, DeepReadonly<Pod>> {
    const wanted = new Map<string, DeepReadonly<Pod>>()
    for (const { pods } of this.#sources) {
      for (const pod of pods) if (!wanted.has(keyOf(pod))) wanted.set(keyOf(pod), pod)
    }
    return wanted
  }

  /** A Pod that was changed is another Pod: the old one ends before the new one starts. */
  #startAndStop(): void {
    const { workers, known } = this.#deps
    const wanted = this.#wanted
    for (const [name, uid] of this.#running) {
      if (wanted.get(name)?.metadata.uid !== uid) workers.remove(uid)
    }
    for (const [name, pod] of wanted) {
      if (this.#running.has(name)) continue
      this.#running.set(name, namesOf(pod).uid)
      const mirror = known.get(name)
      const before = mirror !== undefined && this.#isOf(mirror, pod) ? mirror.status : undefined
      workers.update(before === undefined ? pod : { ...pod, status: before })
    }
  }

  async #mirror(signal: AbortSignal): Promise<void> {
    const { known, mirrored, clock } = this.#deps
    const wanted = this.#wanted
    for (const mirror of known.list().filter(isMirrorPod)) {
      const name = keyOf(mirror)
      const pod = wanted.get(name)
      const uid = pod === undefined ? this.#running.get(name) : namesOf(pod).uid
      const isCurrent = uid !== undefined && hashOf(mirror, CONFIG_MIRROR) === uid
      if (isCurrent && mirror.metadata.deletionTimestamp === undefined) mirrored(uid, mirror)
      else if (this.areAllRead) await this.#delete(mirror, signal)
    }
    for (const [name, pod] of wanted) {
      const mirror = known.get(name)
      // One that is in the way was just deleted; its going wakes this queue again.
      if (mirror !== undefined && isMirrorPod(mirror)) continue
      if (clock.monotonic() - (this.#goneAt.get(name) ?? -Infinity) < GONE_MS) continue
      this.#goneAt.delete(name)
      mirrored(namesOf(pod).uid, undefined)
      await this.#create(pod, signal)
    }
  }

  #isOf(mirror: PodView, pod: PodView): boolean {
    return isMirrorPod(mirror) && hashOf(mirror, CONFIG_MIRROR) === hashOf(pod, CONFIG_HASH)
  }

  async #create(pod: DeepReadonly<Pod>, signal: AbortSignal): Promise<void> {
    const { client, node } = this.#deps
    const owner = await client.get(NODES, { name: node }, signal)
    const { uid: hash, ...metadata } = pod.metadata
    const mirror: Pod = {
      ...draftOf<Pod>(pod),
      metadata: {
        ...draftOf<ObjectMeta>(metadata),
        annotations: { ...metadata.annotations, [CONFIG_MIRROR]: hash ?? '' },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: node, uid: owner.metadata.uid ?? '', controller: true },
        ],
      },
    }
    try {
      await client.create(PODS, mirror, {}, signal)
    } catch (error) {
      // The informer will tell of one that is there already.
      if (!hasReason(error, 'AlreadyExists')) throw error
    }
  }

  async #delete(mirror: PodView, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid } = namesOf(mirror)
    try {
      const options = { gracePeriodSeconds: 0, preconditions: { uid } }
      await this.#deps.client.delete(PODS, { namespace, name }, options, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
    }
  }
}
