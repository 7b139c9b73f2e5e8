/** The Pods that one source of manifests asks for, kept up to date. */

import type { Pod } from '../../api/generated/core-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { again, createWorkQueue, type WorkQueue } from '../../base/work-queue.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { CONFIG_SEEN, readManifest } from './manifest.ts'
import type { ManifestSource } from './source.ts'

/** A file that is being written gets a moment to be written whole. */
const SETTLE_MS = 50
const RETRY = { baseMs: 200, maxMs: 10_000 }
const SOURCE = 'source'

export interface SourcedPodsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly node: string
}

type Pods = readonly DeepReadonly<Pod>[]

export class SourcedPods {
  readonly #source: ManifestSource
  readonly #deps: SourcedPodsDeps
  readonly #queue: WorkQueue
  /** By file; the last version of each that could be read. `undefined`: the source has not been read. */
  #files: ReadonlyMap<string, { readonly text: string; readonly pods: Pods }> | undefined
  #isTold = false

  constructor(source: ManifestSource, deps: SourcedPodsDeps) {
    this.#source = source
    this.#deps = deps
    this.#queue = createWorkQueue(deps.clock, { ...RETRY, baseMs: Math.min(RETRY.baseMs, source.everyMs) })
  }

  get kind(): ManifestSource['kind'] {
    return this.#source.kind
  }

  /** Whether it has been read once: before that nobody knows what it does not ask for. */
  get isRead(): boolean {
    return this.#files !== undefined
  }

  get pods(): Pods {
    return [...(this.#files?.values() ?? [])].flatMap(({ pods }) => pods)
  }

  /** Follows the source until `signal` aborts, and calls `changed` after each time that it was read. */
  async follow(changed: () => void, signal: AbortSignal): Promise<void> {
    const unwatch = this.#source.watch(() => this.#queue.addAfter(SOURCE, SETTLE_MS))
    this.#queue.add(SOURCE)
    try {
      for await (const key of this.#queue.take(signal)) {
        try {
          await this.read(signal)
          changed()
          this.#queue.finish(key, again(this.#source.everyMs))
        } catch (error) {
          signal.throwIfAborted()
          this.#failed(error)
          if (this.kind === 'file') this.#queue.retry(key)
          else this.#queue.finish(key, again(this.#source.everyMs))
        }
      }
    } finally {
      unwatch()
    }
  }

  /** Reads it now. What cannot be read changes nothing. */
  async read(signal: AbortSignal): Promise<void> {
    const { log, node, clock } = this.#deps
    const { kind } = this.#source
    const files = new Map<string, { readonly text: string; readonly pods: Pods }>()
    for (const [file, text] of await this.#source.read(signal)) {
      const before = this.#files?.get(file)
      if (before?.text === text) {
        files.set(file, before)
        continue
      }
      try {
        const pods = readManifest(text, { node, file, kind })
        for (const pod of pods)
          pod.metadata.annotations = { ...pod.metadata.annotations, [CONFIG_SEEN]: toTime(clock.now()) }
        files.set(file, { text, pods })
      } catch (error) {
        // A mistake in a file does not end what it asked for before.
        log.warn('a manifest of a static Pod cannot be used', { file, error })
        files.set(file, { text, pods: before?.pods ?? [] })
      }
    }
    this.#files = files
    this.#isTold = false
  }

  /** A source that stays away is told once. */
  #failed(error: unknown): void {
    if (!this.#isTold) this.#deps.log.warn('could not read manifests of static Pods', { source: this.kind, error })
    this.#isTold = true
  }
}
