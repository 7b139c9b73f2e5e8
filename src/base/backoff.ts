/** Exponential back-off: how long to wait after the nth failure in a row. */

import type { Random } from './random.ts'

export interface BackoffOptions {
  /** The first wait. */
  readonly baseMs: number
  /** No wait is longer, jitter aside. */
  readonly maxMs: number
  /** What each further failure multiplies the wait by; 2 unless told otherwise. */
  readonly factor?: number
  /** Up to this share of the wait is added by chance, so that many who failed together do not return together. */
  readonly jitter?: number
}

/** Counts failures and says how long to wait. */
export interface Backoff {
  /** Counts a failure; the answer is how many milliseconds to wait now. */
  next(): number
  /** Forgets all failures: it worked. */
  reset(): void
  readonly failures: number
}

/** The wait after `failures` failures (at least 1), without jitter. */
export function backoffMs(failures: number, { baseMs, maxMs, factor = 2 }: BackoffOptions): number {
  return Math.min(maxMs, baseMs * factor ** Math.min(failures - 1, 1_000))
}

/** A back-off of its own. With `jitter`, `random` decides. */
export function createBackoff(options: BackoffOptions, random?: Pick<Random, 'next'>): Backoff {
  let failures = 0
  return {
    next() {
      failures += 1
      const wait = backoffMs(failures, options)
      return random === undefined ? wait : wait * (1 + (options.jitter ?? 0) * random.next())
    },
    reset() {
      failures = 0
    },
    get failures() {
      return failures
    },
  }
}
