/**
 * Audit events that go somewhere slow go in batches: whoever asks never waits for them
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#batching).
 */

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { complaints } from './complaints.ts'
import { type Deliver, deliverPatiently } from './deliver.ts'
import { Throttle, type ThrottleOptions } from './throttle.ts'

export interface BatchOptions {
  /** Events that wait; what is more is lost. */
  readonly bufferSize: number
  /** Events of one batch. */
  readonly maxSize: number
  /** How long a batch waits to be full. */
  readonly maxWaitMs: number
  /** After the first failure; then half as much again each time. */
  readonly initialBackoffMs: number
  /** Absent: batches go as soon as they can. */
  readonly throttle?: ThrottleOptions
  /** Of one batch, which has at least one event; absent: as many as come. */
  readonly maxBytes?: number
}

/** What Kubernetes has for a log where nothing is said. */
export const LOG_BATCH_DEFAULTS: BatchOptions = { bufferSize: 10_000, maxSize: 1, maxWaitMs: 0, initialBackoffMs: 0 }

/** What Kubernetes has for a webhook where nothing is said. */
export const BATCH_DEFAULTS: BatchOptions = {
  bufferSize: 10_000,
  maxSize: 400,
  maxWaitMs: 30_000,
  initialBackoffMs: 10_000,
  throttle: { qps: 10, burst: 15 },
}

export interface BatchDeps {
  readonly options: BatchOptions
  readonly deliver: Deliver
  readonly clock: Clock
  readonly log: Log
}

/** Gathers events, and delivers them while `run` runs. */
export class AuditBatches {
  readonly #deps: BatchDeps
  readonly #waiting: string[] = []
  readonly #lost: (fields: Readonly<Record<string, unknown>>) => void
  readonly #throttle: Throttle | undefined
  #changed = () => {}

  constructor(deps: BatchDeps) {
    this.#deps = deps
    this.#lost = complaints('audit events are lost', deps)
    const { throttle } = deps.options
    this.#throttle = throttle === undefined ? undefined : new Throttle(throttle, deps.clock)
  }

  readonly write = (line: string): void => {
    const { bufferSize, maxSize } = this.#deps.options
    if (this.#waiting.length >= bufferSize) {
      this.#lost({ reason: 'too many wait to be sent' })
      return
    }
    this.#waiting.push(line)
    if (this.#waiting.length === 1 || this.#waiting.length >= maxSize) this.#changed()
  }

  /** Delivers until `signal` aborts; what waits then is tried once. */
  async run(signal: AbortSignal): Promise<void> {
    const { maxSize } = this.#deps.options
    while (!signal.aborted) {
      await this.#until(() => this.#waiting.length > 0, signal)
      await this.#until(() => this.#waiting.length >= maxSize, signal, this.#deps.options.maxWaitMs)
      await this.#send(this.#next(), signal)
    }
    while (this.#waiting.length > 0) await this.#send(this.#next(), signal)
  }

  async #send(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const { initialBackoffMs } = this.#deps.options
    if (lines.length === 0) return
    await this.#throttle?.take(signal)
    try {
      await deliverPatiently(lines, { ...this.#deps, initialBackoffMs }, signal)
    } catch (error) {
      this.#lost({ reason: 'nobody took them', error })
    }
  }

  /** The next that wait, as many as one batch may have. */
  #next(): readonly string[] {
    const { maxSize, maxBytes = Infinity } = this.#deps.options
    let bytes = 0
    const end = this.#waiting.findIndex(
      (line, i) => i >= maxSize || ((bytes += Buffer.byteLength(line)) > maxBytes && i > 0),
    )
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  /** Resolves once `isSo`, or when `signal` aborts, or after `ms`. */
  #until(isSo: () => boolean, signal: AbortSignal, ms?: number): Promise<void> {
    if (isSo() || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        cancel?.()
        signal.removeEventListener('abort', done)
        this.#changed = () => {}
        resolve()
      }
      const cancel = ms === undefined ? undefined : this.#deps.clock.after(ms, done)
      this.#changed = () => {
        if (isSo()) done()
      }
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
