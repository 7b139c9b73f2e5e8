/**
 * When a refused client may come again: the longer the more are refused, and soon again once fewer are
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/).
 */

import type { Clock } from '../../base/clock.ts'

/** Seconds; nobody is sent away for longer. */
const LONGEST = 32
/** So many refusals in each second mean that clients come too soon. */
const TOO_MANY = 3

export class RetryAfter {
  readonly #clock: Clock
  #seconds = 1
  #raisedAt = 0
  /** How many were refused, by the second. */
  readonly #refused = new Map<number, number>()
  #second = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a refusal. Answers after how many seconds its client may come again. */
  refuse(): number {
    const second = Math.floor(this.#clock.now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#reconsider(second)
    }
    this.#refused.set(second, (this.#refused.get(second) ?? 0) + 1)
    return this.#seconds
  }

  #reconsider(second: number): void {
    let recent = 0
    for (const [at, count] of this.#refused) {
      if (second - at > LONGEST) this.#refused.delete(at)
      else if (second - at <= this.#seconds) recent += count
    }
    if (second - this.#raisedAt >= this.#seconds && recent >= TOO_MANY * this.#seconds) {
      this.#seconds = Math.min(2 * this.#seconds, LONGEST)
      this.#raisedAt = second
    } else if (recent < this.#seconds && this.#seconds > 1) this.#seconds--
  }
}
