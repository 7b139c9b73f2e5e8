/** A clock that moves only when told to: the heart of virtual time. */

import { type Clock, sleepOn } from './clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Where a manual clock starts unless told otherwise: 2026-01-01T00:00:00Z. */
export const DEFAULT_EPOCH_MS = 1_767_225_600_000

/**
 * Holds time still until `advance`. Timers run in the order of their due times, and between two of them every
 * promise that can settle does settle, so that one timer's consequences are complete before the next runs.
 */
export class ManualClock implements Clock {
  #now: number
  readonly #start: number
  #order = 0
  readonly #timers = new Set<Timer>()
  readonly #settle: () => Promise<void>

  /** `settle` waits until nothing but timers is left to happen; the default drains promises and immediates. */
  constructor(startMs = DEFAULT_EPOCH_MS, settle: () => Promise<void> = drain) {
    this.#now = startMs
    this.#start = startMs
    this.#settle = settle
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  /** How many timers wait. A test that ends with any left has leaked them. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time forward by `ms`, running every timer that falls due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.#settle()
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await this.#settle()
    }
    this.#now = end
    await this.#settle()
  }

  #next(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer
    }
    return first
  }
}

/** Lets promise chains and immediates run until they have had several turns. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
