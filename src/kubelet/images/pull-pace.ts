/** How fast pulls may follow each other (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/). */

import type { Clock } from '../../base/clock.ts'

/** After a rest `burst` pulls may begin at once; from then on `perSecond` of them a second. */
export class PullPace {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = Math.max(1, burst)
    this.#tokens = this.#burst
    this.#at = clock.monotonic()
  }

  /** Resolves when the next pull may begin. Those that wait go in the order in which they came. */
  async next(signal: AbortSignal): Promise<void> {
    if (this.#perSecond === 0) return
    const now = this.#clock.monotonic()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#perSecond) / 1000) - 1
    this.#at = now
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens * 1000) / this.#perSecond, signal)
  }
}
