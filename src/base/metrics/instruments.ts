/** What counts and measures, for Prometheus (https://prometheus.io/docs/concepts/metric_types/). */

import { type Family, type Labels, numberText, type Sample } from './text.ts'

/** What an instrument is called, and means. */
interface Named {
  readonly name: string
  readonly help: string
}

const NONE: Labels = {}

/** One of each for every set of labels. The very labels that came first are found without being compared. */
class ByLabels<Value extends { readonly labels: Labels }> {
  readonly #make: (labels: Labels) => Value
  readonly #values = new Map<string, Value>()
  #seen = new WeakMap<Labels, Value>()

  constructor(make: (labels: Labels) => Value) {
    this.#make = make
  }

  of(labels: Labels): Value {
    const seen = this.#seen.get(labels)
    if (seen !== undefined) return seen
    const key = JSON.stringify(labels)
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const value = this.#make(labels)
    this.#values.set(key, value)
    this.#seen.set(labels, value)
    return value
  }

  all(): readonly Value[] {
    return [...this.#values.values()]
  }

  forget(isGone: (labels: Labels) => boolean): void {
    for (const [key, { labels }] of this.#values) if (isGone(labels)) this.#values.delete(key)
    this.#seen = new WeakMap()
  }
}

/** Labels that are made once for all that are alike: the very same ones are found at once. */
export class KeptLabels {
  readonly #known = new Map<string, Labels>()

  of(key: string, make: () => Labels): Labels {
    let labels = this.#known.get(key)
    if (labels === undefined) this.#known.set(key, (labels = make()))
    return labels
  }
}

/** A number for each set of labels, which only grows. */
export class Counter {
  readonly #named: Named
  readonly #values = new ByLabels<{ readonly labels: Labels; value: number }>((labels) => ({ labels, value: 0 }))

  constructor(name: string, help: string) {
    this.#named = { name, help }
  }

  add(labels: Labels = NONE, count = 1): void {
    this.#values.of(labels).value += count
  }

  /** Those that speak of what is gone. */
  forget(isGone: (labels: Labels) => boolean): void {
    this.#values.forget(isGone)
  }

  get family(): Family {
    return { ...this.#named, type: 'counter', samples: this.#values.all() }
  }
}

interface Distribution {
  readonly labels: Labels
  /** How many were no more than a bound, and more than the one before. */
  readonly counts: number[]
  sum: number
  count: number
}

/** How many durations were at most so long, for each set of labels. */
export class Histogram {
  readonly #named: Named
  readonly #bounds: readonly number[]
  readonly #values = new ByLabels<Distribution>((labels) => ({
    labels,
    counts: this.#bounds.map(() => 0),
    sum: 0,
    count: 0,
  }))

  constructor(name: string, help: string, bounds: readonly number[] = DEFAULT_BOUNDS) {
    this.#named = { name, help }
    this.#bounds = bounds
  }

  observe(seconds: number, labels: Labels = NONE): void {
    const known = this.#values.of(labels)
    const bounds = this.#bounds
    for (let at = 0; at < bounds.length; at++) {
      if (seconds > bounds[at]!) continue
      known.counts[at]!++
      break
    }
    known.sum += seconds
    known.count += 1
  }

  /** Those that speak of what is gone. */
  forget(isGone: (labels: Labels) => boolean): void {
    this.#values.forget(isGone)
  }

  get family(): Family {
    const samples = this.#values.all().flatMap(({ labels, counts, sum, count }): readonly Sample[] => {
      const bucket = (le: string, value: number) => ({ suffix: '_bucket', labels: { ...labels, le }, value })
      let upTo = 0
      return [
        ...this.#bounds.map((bound, at) => bucket(numberText(bound), (upTo += counts[at] ?? 0))),
        bucket('+Inf', count),
        { suffix: '_sum', labels, value: sum },
        { suffix: '_count', labels, value: count },
      ]
    })
    return { ...this.#named, type: 'histogram', samples }
  }
}

/** What Prometheus's own libraries begin with. */
const DEFAULT_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** So many bounds, each a multiple of the one before: a power of the factor would be a hair off what Kubernetes tells. */
export function exponential(first: number, factor: number, count: number): readonly number[] {
  const bounds = [first]
  while (bounds.length < count) bounds.push(bounds.at(-1)! * factor)
  return bounds
}

/** So many bounds from one to another, at equal ratios. */
export function exponentialBetween(first: number, last: number, count: number): readonly number[] {
  const factor = (last / first) ** (1 / (count - 1))
  return Array.from({ length: count }, (_, power) => first * factor ** power)
}
