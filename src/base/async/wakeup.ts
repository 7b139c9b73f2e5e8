/** Waiting for news that may come before the time is over. */

import type { Clock } from '../clock.ts'

export class Wakeup {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Wakes all who wait at this moment. */
  wake(): void {
    for (const wake of this.#waiting) wake()
  }

  /** Settles at the next `wake()`, at the latest `ms` from now. Fails when `signal` aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const wake = () => woken.abort()
    this.#waiting.add(wake)
    try {
      await this.#clock.sleep(ms, AbortSignal.any([signal, woken.signal]))
    } catch {
      signal.throwIfAborted()
    } finally {
      this.#waiting.delete(wake)
    }
  }
}
