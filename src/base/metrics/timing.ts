/** For how long something had which value: a histogram in which each nanosecond counts, as Kubernetes has them for utilizations. */

import { numberText, type Sample } from './text.ts'

const NANOS_PER_MS = 1e6

export class TimingHistogram {
  readonly #bounds: readonly number[]
  /** Milliseconds spent at values up to a bound and above the one before; the last is for what is above all. */
  readonly #spent: number[]
  #weighted = 0
  #value = 0
  #bucket = 0
  #since: number

  constructor(bounds: readonly number[], now: number) {
    this.#bounds = bounds
    this.#spent = Array.from({ length: bounds.length + 1 }, () => 0)
    this.#since = now
  }

  /** From now on it has this value. */
  set(value: number, now: number): void {
    this.#settle(now)
    if (value === this.#value) return
    this.#value = value
    let bucket = 0
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++
    this.#bucket = bucket
  }

  samples(labels: Readonly<Record<string, string>>, now: number): readonly Sample[] {
    this.#settle(now)
    let upTo = 0
    const nanos = this.#spent.map((ms) => Math.round((upTo += ms) * NANOS_PER_MS))
    const total = nanos.at(-1) ?? 0
    return [
      ...this.#bounds.map((bound, at) => ({
        suffix: '_bucket',
        labels: { ...labels, le: numberText(bound) },
        value: nanos[at] ?? 0,
      })),
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: total },
      { suffix: '_sum', labels, value: this.#weighted * NANOS_PER_MS },
      { suffix: '_count', labels, value: total },
    ]
  }

  #settle(now: number): void {
    const spent = now - this.#since
    if (spent <= 0) return
    this.#since = now
    this.#spent[this.#bucket]! += spent
    this.#weighted += this.#value * spent
  }
}
