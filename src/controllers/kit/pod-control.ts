/** Creates and deletes the Pods of an owner, and says so in events that `kubectl describe` shows. */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Events } from './events.ts'
import type { Informer } from '../../client/informer.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { isNamespaceTerminating } from './loop.ts'
import { isDeleting, keyOf, nameOf, placeOf, type ReadObject, uidOf } from './ownership.ts'
import type { OwnWrites } from './own-writes.ts'
import type { ReadPod } from './pods.ts'
import { allAtOnce, slowStart } from './replicas/slow-start.ts'

/** What the events say. */
export interface PodTexts {
  readonly created: (owner: ReadObject, pod: string) => string
  readonly createFailed: (owner: ReadObject, pod: string, why: string) => string
  /** Whether a failure to create is nothing to tell anybody. */
  readonly keepsQuiet?: (error: unknown) => boolean
  readonly deleted: (owner: ReadObject, pod: string) => string
  readonly deleteFailed: (owner: ReadObject, pod: string, why: string) => string
}

const USUAL_TEXTS: PodTexts = {
  created: (_owner, pod) => `Created pod: ${pod}`,
  createFailed: (_owner, _pod, why) => `Error creating: ${why}`,
  deleted: (_owner, pod) => `Deleted pod: ${pod}`,
  deleteFailed: (_owner, _pod, why) => `Error deleting: ${why}`,
}

export interface PodControlDeps {
  readonly client: Client
  readonly events: Events
  readonly ownWrites: OwnWrites
  readonly texts?: PodTexts
}

/** Acts for one kind of owner; remembers what the cache must show before the owner is looked at again. */
export class PodControl {
  readonly #deps: PodControlDeps
  readonly #texts: PodTexts

  constructor(deps: PodControlDeps) {
    this.#deps = deps
    this.#texts = deps.texts ?? USUAL_TEXTS
  }

  /** Creates `count` Pods, few at first; those without a name get one from the server. */
  async createMany(
    owner: ReadObject,
    count: number,
    make: (index: number) => Pod,
    signal: AbortSignal,
  ): Promise<number> {
    return slowStart(count, (index) => this.create(owner, make(index), signal))
  }

  /** Creates one Pod. A namespace that is being deleted takes no Pods, which is no failure. */
  async create(owner: ReadObject, pod: Pod, signal: AbortSignal): Promise<void> {
    const { client, events, ownWrites } = this.#deps
    try {
      const made = await ownWrites.creating(keyOf(owner), () => client.create(PODS, pod, undefined, signal))
      events.event(owner, 'Normal', 'SuccessfulCreate', this.#texts.created(owner, nameOf(made)))
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      signal.throwIfAborted()
      if (this.#texts.keepsQuiet?.(error) !== true) {
        const told = this.#texts.createFailed(owner, pod.metadata.name ?? '', messageOf(error))
        events.event(owner, 'Warning', 'FailedCreate', told)
      }
      throw error
    }
  }

  async deleteMany(owner: ReadObject, pods: readonly ReadPod[], signal: AbortSignal): Promise<void> {
    await allAtOnce(pods, (pod) => this.delete(owner, pod, signal))
  }

  /** Deletes one Pod; one that is gone already is as good as deleted. */
  async delete(owner: ReadObject, pod: ReadPod, signal: AbortSignal): Promise<void> {
    const { client, events, ownWrites } = this.#deps
    if (isDeleting(pod)) return
    ownWrites.expectDelete(keyOf(owner), uidOf(pod))
    try {
      await client.delete(PODS, placeOf(pod), { preconditions: { uid: uidOf(pod) } }, signal)
      events.event(owner, 'Normal', 'SuccessfulDelete', this.#texts.deleted(owner, nameOf(pod)))
    } catch (error) {
      ownWrites.withdrawDelete(uidOf(pod))
      if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return
      signal.throwIfAborted()
      events.event(owner, 'Warning', 'FailedDelete', this.#texts.deleteFailed(owner, nameOf(pod), messageOf(error)))
      throw error
    }
  }
}

/** Tells `ownWrites` what the cache shows. Call once per controller, before the informer runs. */
export function observeOwnWrites(pods: Informer<Pod>, ownWrites: OwnWrites): void {
  pods.on({
    added(pod) {
      ownWrites.sawCreate(keyOf(pod))
      if (isDeleting(pod)) ownWrites.sawDelete(uidOf(pod))
    },
    updated(pod) {
      if (isDeleting(pod)) ownWrites.sawDelete(uidOf(pod))
    },
    deleted(pod) {
      ownWrites.sawCreate(keyOf(pod))
      ownWrites.sawDelete(uidOf(pod))
    },
  })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
