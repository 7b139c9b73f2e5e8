/** How fast a counter of used CPU time grows. */

import type { Clock } from '../../base/clock.ts'

/** A rate over less time than this is noise. */
const MIN_MS = 1_000
/** One over more is history. */
const MAX_MS = 60_000

interface Reading {
  readonly at: number
  readonly nanos: number
}

/** The rates of several counters, each told by its name. */
export class CpuRates {
  readonly #clock: Clock
  readonly #last = new Map<string, Reading & { readonly rate: number | undefined }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Billionths of a CPU that were used since an earlier look; `undefined`: there was none lately. */
  rate(name: string, nanos: number): number | undefined {
    const at = this.#clock.monotonic()
    const last = this.#last.get(name)
    const ms = last === undefined ? Infinity : at - last.at
    if (last !== undefined && ms < MIN_MS) return last.rate
    const isUsable = last !== undefined && ms <= MAX_MS && nanos >= last.nanos
    const rate = isUsable ? Math.round(((nanos - last.nanos) * 1000) / ms) : undefined
    this.#last.set(name, { at, nanos, rate })
    return rate
  }

  /** Forgets counters that are gone. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#last.keys()) if (!names.has(name)) this.#last.delete(name)
  }
}
