/** Answers that hold for a while. */

import type { Clock } from '../../base/clock.ts'

/** How many are kept. */
const LIMIT = 1000

/** What was answered lately, by what was asked. */
export class Answers<T> {
  readonly #clock: Clock
  readonly #kept = new Map<string, { readonly answer: T; readonly until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(asked: string): T | undefined {
    const found = this.#kept.get(asked)
    if (found === undefined || found.until > this.#clock.monotonic()) return found?.answer
    this.#kept.delete(asked)
    return undefined
  }

  keep(asked: string, answer: T, forMs: number): void {
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= LIMIT && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(asked, { answer, until: this.#clock.monotonic() + forMs })
  }
}
