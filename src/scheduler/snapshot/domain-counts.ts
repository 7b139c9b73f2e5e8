/** Counts by topology value, e.g. Pods per zone, that know their smallest at any time. */

export class DomainCounts {
  /** Values that have none are left out. */
  readonly #counts = new Map<string, number>()
  /** How many values have each count. */
  readonly #frequency = new Map<number, number>()
  readonly #domainCount: () => number
  #total = 0

  /** `domainCount` tells how many values there are, those that have none included. */
  constructor(domainCount: () => number) {
    this.#domainCount = domainCount
  }

  get domainCount(): number {
    return this.#domainCount()
  }

  /** How many there are in all. */
  get total(): number {
    return this.#total
  }

  of(value: string | undefined): number {
    return value === undefined ? 0 : (this.#counts.get(value) ?? 0)
  }

  add(value: string, amount: number): void {
    const before = this.#counts.get(value) ?? 0
    const after = before + amount
    this.#total += amount
    if (before !== 0) this.#shift(before, -1)
    if (after === 0) this.#counts.delete(value)
    else {
      this.#counts.set(value, after)
      this.#shift(after, 1)
    }
  }

  /** The smallest count among all values; `changes` are added to some of them first. */
  fewest(changes: ReadonlyMap<string, number>): number {
    const frequency = changes.size === 0 ? this.#frequency : new Map(this.#frequency)
    let present = this.#counts.size
    for (const [value, amount] of changes) {
      const before = this.of(value)
      if (amount === 0) continue
      if (before !== 0) frequency.set(before, (frequency.get(before) ?? 0) - 1)
      else present++
      if (before + amount !== 0) frequency.set(before + amount, (frequency.get(before + amount) ?? 0) + 1)
      else present--
    }
    if (present < this.#domainCount()) return 0
    let least = Number.POSITIVE_INFINITY
    for (const [count, times] of frequency) if (times > 0 && count < least) least = count
    return Number.isFinite(least) ? least : 0
  }

  #shift(count: number, times: 1 | -1): void {
    const after = (this.#frequency.get(count) ?? 0) + times
    if (after === 0) this.#frequency.delete(count)
    else this.#frequency.set(count, after)
  }
}

/** Counts of the cluster, with what a trial adds or takes. The cluster's own are never changed through it. */
export class Tally {
  readonly #parts: readonly DomainCounts[]
  readonly #changes: Map<string, number>

  constructor(parts: readonly DomainCounts[], changes?: ReadonlyMap<string, number>) {
    this.#parts = parts
    this.#changes = new Map(changes)
  }

  of(value: string | undefined): number {
    if (value === undefined) return 0
    let sum = this.#changes.size === 0 ? 0 : (this.#changes.get(value) ?? 0)
    for (const part of this.#parts) sum += part.of(value)
    return sum
  }

  add(value: string, amount: number): void {
    this.#changes.set(value, (this.#changes.get(value) ?? 0) + amount)
  }

  /** How many there are in all. */
  get total(): number {
    let sum = 0
    for (const part of this.#parts) sum += part.total
    for (const amount of this.#changes.values()) sum += amount
    return sum
  }

  /** The smallest count among all values, where there is one set of counts. */
  fewest(): number {
    return this.#parts[0]?.fewest(this.#changes) ?? 0
  }

  get domainCount(): number {
    return this.#parts[0]?.domainCount ?? 0
  }

  copy(): Tally {
    return new Tally(this.#parts, this.#changes)
  }
}
