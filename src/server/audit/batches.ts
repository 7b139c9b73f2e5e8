/**
 * Audit events that go somewhere slow go in batches: whoever asks never waits for them
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#batching).
 */

import { backoffMs } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AuditSink } from './audit.ts'
import { complaints } from './complaints.ts'

export interface BatchOptions {
  /** Events that wait; what is more is lost. */
  readonly bufferSize: number
  /** Events of one batch. */
  readonly maxSize: number
  /** How long a batch waits to be full. */
  readonly maxWaitMs: number
  /** After the first failure; then half as much again each time. */
  readonly initialBackoffMs: number
}

/** What Kubernetes has where nothing is said. */
export const BATCH_DEFAULTS: BatchOptions = {
  bufferSize: 10_000,
  maxSize: 400,
  maxWaitMs: 30_000,
  initialBackoffMs: 10_000,
}

const TRIES = 5
const FACTOR = 1.5

/** Takes a batch of lines; rejects where that fails. */
export type Deliver = (lines: readonly string[], signal: AbortSignal) => Promise<void>

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
  #changed = () => {}

  constructor(deps: BatchDeps) {
    this.#deps = deps
    this.#lost = complaints('audit events are lost', deps)
  }

  readonly write: AuditSink = (line) => {
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
      await this.#send(this.#waiting.splice(0, maxSize), signal)
    }
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, maxSize), signal)
  }

  async #send(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const { deliver, options, clock } = this.#deps
    for (let failures = 1; lines.length > 0; failures++) {
      try {
        return await deliver(lines, signal)
      } catch (error) {
        if (failures === TRIES || signal.aborted) return this.#lost({ reason: 'nobody took them', error })
        const ms = backoffMs(failures, { baseMs: options.initialBackoffMs, maxMs: Infinity, factor: FACTOR })
        await clock.sleep(ms, signal).catch(() => {})
      }
    }
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
