/** A clock that moves only when told to: the heart of virtual time. */

import { type Clock, sleepOn } from './clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

/** Where a manual clock starts unless told otherwise: 2026-01-01T00:00:00Z. */
const DEFAULT_EPOCH_MS = 1_767_225_600_000

/**
 * Holds time still until `advance`. Timers run in the order of their due times, and between two of them every
 * promise that can settle does settle, so that one timer's consequences are complete before the next runs.
 */
export class ManualClock implements Clock {
  #now: number
  #jumped = 0
  readonly #start: number
  #order = 0
  #pending = 0
  /** A binary heap by due time, then by order. Cancelled timers stay until they come to the top. */
  readonly #heap: Timer[] = []
  /** Work going on outside of this clock's time. */
  readonly #held = new Set<Promise<unknown>>()
  readonly #settle: () => Promise<void>

  /** `settle` waits until nothing but timers is left to happen; the default drains promises and immediates. */
  constructor(startMs = DEFAULT_EPOCH_MS, settle: () => Promise<void> = drain) {
    this.#now = startMs
    this.#start = startMs
    this.#settle = settle
  }

  now(): number {
    return this.#now + this.#jumped
  }

  /** Sets the wall clock forward, or back, by `ms`. No time passes: what waits goes on waiting as long as it would. */
  jump(ms: number): void {
    this.#jumped += ms
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run, cancelled: false }
    push(this.#heap, timer)
    this.#pending += 1
    return () => {
      if (timer.cancelled) return
      timer.cancelled = true
      this.#pending -= 1
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  /** How many timers wait. A test that ends with any left has leaked them. */
  get pending(): number {
    return this.#pending
  }

  /** Time stands still until `work` settles: for what goes on in threads or on a disk. */
  hold<T>(work: Promise<T>): Promise<T> {
    const held: Promise<unknown> = work.then(
      () => this.#held.delete(held),
      () => this.#held.delete(held),
    )
    this.#held.add(held)
    return work
  }

  /** Moves time forward by `ms`, running every timer that falls due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.#quiet()
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      pop(this.#heap)
      next.cancelled = true
      this.#pending -= 1
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await this.#quiet()
    }
    this.#now = end
    await this.#quiet()
  }

  /** Lets everything happen that can happen at this instant. */
  settle(): Promise<void> {
    return this.advance(0)
  }

  async #quiet(): Promise<void> {
    await this.#settle()
    while (this.#held.size > 0) {
      await Promise.all(this.#held)
      await this.#settle()
    }
  }

  #next(): Timer | undefined {
    while (this.#heap[0]?.cancelled === true) pop(this.#heap)
    return this.#heap[0]
  }
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order)

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length
  heap.push(timer)
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above] as Timer
    if (!isBefore(timer, parent)) break
    heap[at] = parent
    at = above
  }
  heap[at] = timer
}

/** Removes the first timer. */
function pop(heap: Timer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let below = 2 * at + 1
    const [left, right] = [heap[below], heap[below + 1]]
    if (left === undefined) break
    if (right !== undefined && isBefore(right, left)) below += 1
    const child = heap[below] as Timer
    if (!isBefore(child, last)) break
    heap[at] = child
    at = below
  }
  heap[at] = last
}

/** Lets promise chains and immediates run until they have had several turns. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
