/** Attachments that go as soon as their nodes know. */

import type { Clock } from '../../base/clock.ts'
import { nameOf } from '../kit/ownership.ts'
import type { ReadAttachment } from './decide.ts'

/** Which attachments nobody wants any more, by name, and since when. */
export class LeavingAttachments {
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly sinceMs: number; isTold: boolean }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The attachment is not wanted; returns for how long that has been so. */
  leave(attachment: ReadAttachment): number {
    const name = nameOf(attachment)
    const state = this.#known.get(name) ?? { sinceMs: this.#clock.monotonic(), isTold: false }
    this.#known.set(name, state)
    return this.#clock.monotonic() - state.sinceMs
  }

  /** From now on its node is told that it is attached no more. */
  hide(attachment: ReadAttachment): void {
    const state = this.#known.get(nameOf(attachment))
    if (state !== undefined) state.isTold = true
  }

  isHidden(attachment: ReadAttachment): boolean {
    return this.#known.get(nameOf(attachment))?.isTold === true
  }

  /** It is gone, or is wanted again; says whether it was on its way out. */
  forget(attachment: ReadAttachment): boolean {
    return this.#known.delete(nameOf(attachment))
  }
}
