/**
 * Pods that are to be deleted at a time that may still change, because of taints of their node or of their devices
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions).
 */

import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { markDisrupted } from './disruption.ts'
import type { Events } from './events.ts'
import { placeOf, uidOf } from './ownership.ts'
import type { ReadPod } from './pods.ts'

/** How a controller tells why it deletes a Pod. */
export interface EvictionTexts {
  /** Of its events. */
  readonly reason: string
  readonly marking: (pod: ReadPod) => string
  readonly cancelling: (pod: ReadPod) => string
  /** What the Pod's condition DisruptionTarget says; undefined for a Pod that is not told. */
  readonly cause: (pod: ReadPod) => { readonly reason: string; readonly message: string } | undefined
}

interface Deps {
  readonly client: Client
  readonly clock: Clock
  readonly events: Events
}

export class TimedEvictions {
  readonly #deps: Deps
  readonly #texts: EvictionTexts
  /** When Pods whose time is still to come must go, by uid. */
  readonly #due = new Map<string, number>()

  constructor(deps: Deps, texts: EvictionTexts) {
    this.#deps = deps
    this.#texts = texts
  }

  isWaiting(pod: ReadPod): boolean {
    return this.#due.has(uidOf(pod))
  }

  /** The time (ms) that a Pod was given, while it is still to come. */
  dueOf(pod: ReadPod): number | undefined {
    return this.#due.get(uidOf(pod))
  }

  /** The Pod is gone. */
  forget(pod: ReadPod): void {
    this.#due.delete(uidOf(pod))
  }

  /** Deletes the Pod where its time `due` (ms) has come, waits for it, or, without one, says that it may stay. */
  async settle(pod: ReadPod, due: number | undefined, signal: AbortSignal): Promise<Outcome> {
    const { clock, events } = this.#deps
    if (due === undefined) {
      if (this.#due.delete(uidOf(pod))) {
        events.event(pod, 'Normal', this.#texts.reason, this.#texts.cancelling(pod))
      }
      return settled
    }
    const now = clock.now()
    if (due > now) {
      this.#due.set(uidOf(pod), due)
      return again(due - now)
    }
    await this.#evict(pod, signal)
    return settled
  }

  async #evict(pod: ReadPod, signal: AbortSignal): Promise<void> {
    const { client, clock, events } = this.#deps
    events.event(pod, 'Normal', this.#texts.reason, this.#texts.marking(pod))
    const cause = this.#texts.cause(pod)
    if (cause !== undefined) await markDisrupted(client, pod, { cause, now: clock.now() }, signal)
    try {
      await client.delete(PODS, placeOf(pod), { preconditions: { uid: uidOf(pod) } }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
    }
  }
}
