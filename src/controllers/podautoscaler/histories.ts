/** What each autoscaler proposed and did lately, for as long as its rules ask for it (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window). */

import type { Clock } from '../../base/clock.ts'
import { keyOf } from '../kit/ownership.ts'
import { allow, type Allowed, forget, type History } from './behavior.ts'
import type { ReadAutoscaler } from './measure.ts'

const NOTHING: History = { recommendations: [], ups: [], downs: [] }

/** The histories of all autoscalers, by their keys. */
export class Histories {
  readonly #clock: Clock
  readonly #known = new Map<string, History>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What there is counts as proposed when an autoscaler is new: nothing goes before it was seen to be too much. */
  begin(key: string, replicas: number): void {
    if (this.#known.has(key)) return
    this.#known.set(key, { ...NOTHING, recommendations: [{ atMs: this.#clock.monotonic(), replicas }] })
  }

  /** Remembers what the metrics ask for, and says how much of it may be now. */
  recommend(autoscaler: ReadAutoscaler, { current, desired }: { current: number; desired: number }): Allowed {
    const { spec } = autoscaler
    const key = keyOf(autoscaler)
    const nowMs = this.#clock.monotonic()
    const history = forget(this.#known.get(key) ?? NOTHING, spec, nowMs)
    this.#known.set(key, {
      ...history,
      recommendations: [...history.recommendations, { atMs: nowMs, replicas: desired }],
    })
    return allow({ spec, current, desired, history, nowMs })
  }

  /** So many were added, or removed where `change` is negative. */
  scaled(key: string, change: number): void {
    const history = this.#known.get(key) ?? NOTHING
    const done = { atMs: this.#clock.monotonic(), replicas: Math.abs(change) }
    const next = change > 0 ? { ups: [...history.ups, done] } : { downs: [...history.downs, done] }
    this.#known.set(key, { ...history, ...next })
  }

  forget(key: string): void {
    this.#known.delete(key)
  }
}
