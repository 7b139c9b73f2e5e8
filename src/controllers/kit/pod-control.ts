/** Creates and deletes the Pods of an owner, and says so in events that `kubectl describe` shows. */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import type { Events } from './events.ts'
import type { Informer } from '../../client/informer.ts'
import { PODS } from '../../client/resources.ts'
import { ApiError, hasReason, isApiError } from '../../meta/errors.ts'
import { isNamespaceTerminating } from './loop.ts'
import { isDeleting, keyOf, nameOf, placeOf, type ReadObject, uidOf } from './ownership.ts'
import type { OwnWrites } from './own-writes.ts'
import { namePod } from './pod-from-template.ts'
import type { ReadPod } from './pods.ts'
import { allAtOnce, slowStart } from './slow-start.ts'

/** How often a taken name is replaced by another. */
const NAME_TRIES = 8

/** What the events say. */
export interface PodTexts {
  readonly created: (owner: ReadObject, pod: string) => string
  readonly createFailed: (owner: ReadObject, pod: string, why: string) => string
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
  readonly random: Random
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

  /** Creates `count` Pods, few at first; `make` may give them names, otherwise they get one. */
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
    const { events } = this.#deps
    try {
      const made = await this.#createNamed(owner, pod, signal)
      events.event(owner, 'Normal', 'SuccessfulCreate', this.#texts.created(owner, made))
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      signal.throwIfAborted()
      events.event(
        owner,
        'Warning',
        'FailedCreate',
        this.#texts.createFailed(owner, pod.metadata.name ?? '', messageOf(error)),
      )
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

  async #createNamed(owner: ReadObject, pod: Pod, signal: AbortSignal): Promise<string> {
    const { client, random, ownWrites } = this.#deps
    const fixed = pod.metadata.name !== undefined
    for (let tries = 1; ; tries++) {
      const named = fixed ? pod : namePod(pod, random)
      const key = keyOf(named)
      ownWrites.expectCreate(keyOf(owner), key)
      try {
        await client.create(PODS, named, undefined, signal)
        return named.metadata.name ?? ''
      } catch (error) {
        ownWrites.withdrawCreate(key)
        if (fixed) throw error
        if (!hasReason(error, 'AlreadyExists') || tries === NAME_TRIES) throw unnamed(error, named)
      }
    }
  }
}

/** The refusal without the name that was tried: the same fault says the same each time, and its events are counted. */
function unnamed(error: unknown, { metadata: { name, generateName = '' } }: Pod): unknown {
  if (!isApiError(error) || name === undefined) return error
  const message = error.message.replaceAll(`"${name}"`, `"${generateName}"`)
  return new ApiError({ ...error.status, message }, { cause: error })
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
