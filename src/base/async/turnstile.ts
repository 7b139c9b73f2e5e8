/** Lets few at a time do what is heavy, so that the first are done soon and not all of them late. */

import type { Clock } from '../clock.ts'

export interface TurnstileWidth {
  readonly atOnce: number
  /** Work that takes longer than this, in milliseconds, holds up nobody any more. */
  readonly patienceMs: number
}

export class Turnstile {
  readonly #clock: Clock
  readonly #width: TurnstileWidth
  #inside = 0
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock, width: TurnstileWidth) {
    this.#clock = clock
    this.#width = width
  }

  /** Runs `work` when it is its turn, in the order of the calls; fails as it does, or when `signal` aborts before. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#inside < this.#width.atOnce) this.#inside++
    else await this.#turn(signal)
    let isInside = true
    const leave = () => {
      if (isInside) this.#leave()
      isInside = false
    }
    const cancel = this.#clock.after(this.#width.patienceMs, leave)
    try {
      return await work()
    } finally {
      cancel()
      leave()
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        this.#waiting.delete(begin)
        reject(signal.reason)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(begin)
    })
  }

  /** The place is handed to the one who waits longest. */
  #leave(): void {
    const [first] = this.#waiting
    if (first === undefined) this.#inside--
    else {
      this.#waiting.delete(first)
      first()
    }
  }
}
