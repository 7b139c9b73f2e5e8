/** No more than so many batches a second, and so many at once after a pause (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#batching). */

import type { Clock } from '../../base/clock.ts'

export interface ThrottleOptions {
  /** A second. */
  readonly qps: number
  /** At once, when there were none for a while. */
  readonly burst: number
}

export class Throttle {
  readonly #options: ThrottleOptions
  readonly #clock: Clock
  #tokens: number
  #since: number

  constructor(options: ThrottleOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#tokens = options.burst
    this.#since = clock.monotonic()
  }

  /** Resolves when the next may go, or when `signal` aborts. */
  async take(signal: AbortSignal): Promise<void> {
    const { qps, burst } = this.#options
    const now = this.#clock.monotonic()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#since) / 1_000) * qps)
    this.#since = now
    this.#tokens--
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens / qps) * 1_000, signal).catch(() => {})
  }
}
