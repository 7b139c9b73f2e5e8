/**
 * The queue under every reconciler: keys, de-duplicated, each worked by one worker at a time, retried with
 * exponential back-off (the shape of https://pkg.go.dev/k8s.io/client-go/util/workqueue).
 */

import { type BackoffOptions, backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import { exponential, Histogram } from './metrics/instruments.ts'

/** How a reconciliation ended that did not fail. */
export interface Outcome {
  /** Come back after so long, though nothing has happened. */
  readonly againMs?: number
}

/** Done: events will wake me. */
export const settled: Outcome = Object.freeze({})

/** Done for now: wake me `ms` from now at the latest. */
export const again = (ms: number): Outcome => ({ againMs: ms })

export interface WorkQueue {
  /** Adds a key. One that waits already is not added twice; one being worked is worked again afterwards. */
  add(key: string): void
  /** Adds a key `ms` from now. Of several waits for one key the earliest counts. */
  addAfter(key: string, ms: number): void
  /**
   * The keys to work, as they come, for one worker; several may take at once. Every key taken must be given back by
   * `finish` or `retry`. Throws `signal.reason` on abort. Timers run only while somebody takes.
   */
  take(signal: AbortSignal): AsyncIterable<string>
  /** The key was worked; its failures are forgotten. */
  finish(key: string, outcome?: Outcome): void
  /** The key failed: it comes back after a back-off of its own. */
  retry(key: string): void
  /** Failures in a row of a key. */
  failures(key: string): number
  /** How many keys are ready to be taken. */
  readonly size: number
  /** How many keys wait for their time. */
  readonly pending: number
  /** How many keys are being worked. */
  readonly working: number
  readonly measures: QueueMeasures
}

/** What a queue has seen, for metrics. Times are seconds. */
export interface QueueMeasures {
  readonly adds: number
  readonly retries: number
  /** From being ready to being taken. */
  readonly waited: Histogram
  /** From being taken to being given back. */
  readonly worked: Histogram
  /** How long the keys that are worked now have been. */
  unfinished(): readonly number[]
}

const BOUNDS = exponential(1e-8, 10, 10)

const WAITED = 'How long in seconds an item stays in workqueue before being requested.'
const WORKED = 'How long in seconds processing an item from workqueue takes.'
const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 }

/** An empty queue on `clock`. */
export function createWorkQueue(clock: Clock, backoff: BackoffOptions = DEFAULT_BACKOFF): WorkQueue {
  return new ClockedQueue(clock, backoff)
}

interface Delayed {
  readonly due: number
  cancel: () => void
}

class ClockedQueue implements WorkQueue {
  readonly #clock: Clock
  readonly #backoff: BackoffOptions
  /** Since when. */
  readonly #ready = new Map<string, number>()
  readonly #working = new Map<string, number>()
  /** Keys added while being worked. */
  readonly #dirty = new Set<string>()
  readonly #delayed = new Map<string, Delayed>()
  readonly #failures = new Map<string, number>()
  readonly #idle: (() => void)[] = []
  #takers = 0
  readonly measures = {
    adds: 0,
    retries: 0,
    waited: new Histogram('workqueue_queue_duration_seconds', WAITED, BOUNDS),
    worked: new Histogram('workqueue_work_duration_seconds', WORKED, BOUNDS),
    unfinished: () => {
      const now = this.#clock.monotonic()
      return [...this.#working.values()].map((since) => (now - since) / 1_000)
    },
  }

  constructor(clock: Clock, backoff: BackoffOptions) {
    this.#clock = clock
    this.#backoff = backoff
  }

  get size(): number {
    return this.#ready.size
  }

  get pending(): number {
    return this.#delayed.size
  }

  get working(): number {
    return this.#working.size
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  add(key: string): void {
    if (this.#working.has(key)) {
      if (!this.#dirty.has(key)) this.measures.adds++
      this.#dirty.add(key)
      return
    }
    if (!this.#ready.has(key)) {
      this.measures.adds++
      this.#ready.set(key, this.#clock.monotonic())
    }
    this.#idle.shift()?.()
  }

  addAfter(key: string, ms: number): void {
    if (ms <= 0) return this.add(key)
    const due = this.#clock.monotonic() + ms
    const old = this.#delayed.get(key)
    if (old !== undefined && old.due <= due) return
    old?.cancel()
    const delayed: Delayed = { due, cancel: () => {} }
    this.#delayed.set(key, delayed)
    if (this.#takers > 0) this.#arm(key, delayed)
  }

  async *take(signal: AbortSignal): AsyncGenerator<string> {
    this.#enter()
    try {
      for (;;) {
        signal.throwIfAborted()
        const [first] = this.#ready
        if (first === undefined) {
          await this.#whenReady(signal)
          continue
        }
        const [key, since] = first
        const now = this.#clock.monotonic()
        this.measures.waited.observe((now - since) / 1_000)
        this.#ready.delete(key)
        this.#working.set(key, now)
        yield key
      }
    } finally {
      this.#leave()
    }
  }

  finish(key: string, outcome: Outcome = settled): void {
    this.#failures.delete(key)
    this.#giveBack(key)
    if (outcome.againMs !== undefined) this.addAfter(key, outcome.againMs)
  }

  retry(key: string): void {
    const failures = this.failures(key) + 1
    this.#failures.set(key, failures)
    this.measures.retries++
    this.#giveBack(key)
    this.addAfter(key, backoffMs(failures, this.#backoff))
  }

  #giveBack(key: string): void {
    const since = this.#working.get(key)
    if (since !== undefined) this.measures.worked.observe((this.#clock.monotonic() - since) / 1_000)
    this.#working.delete(key)
    if (this.#dirty.delete(key)) {
      this.#ready.set(key, this.#clock.monotonic())
      this.#idle.shift()?.()
    }
  }

  #arm(key: string, delayed: Delayed): void {
    delayed.cancel = this.#clock.after(delayed.due - this.#clock.monotonic(), () => {
      this.#delayed.delete(key)
      this.add(key)
    })
  }

  #whenReady(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        const at = this.#idle.indexOf(wake)
        if (at >= 0) this.#idle.splice(at, 1)
        reject(signal.reason)
      }
      this.#idle.push(wake)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  #enter(): void {
    this.#takers += 1
    if (this.#takers === 1) for (const [key, delayed] of this.#delayed) this.#arm(key, delayed)
  }

  #leave(): void {
    this.#takers -= 1
    if (this.#takers > 0) {
      // The key that woke this worker may be waiting still: hand it on.
      if (this.#ready.size > 0) this.#idle.shift()?.()
      return
    }
    for (const delayed of this.#delayed.values()) delayed.cancel()
  }
}
