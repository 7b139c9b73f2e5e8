/** Resizes of running Pods, counted and timed (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { milliValue } from '../../meta/quantity.ts'
import type { Allocation } from '../resources/resize.ts'
import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

const BOUNDS = [10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000]

export class ResizeMetrics {
  readonly #requested = new Counter(
    'kubelet_container_requested_resizes_total',
    "Number of requested resizes, counted at the container level. Different resources on the same container are counted separately. The 'requirement' label refers to 'memory' or 'limits'; the 'operation' label can be one of 'add', 'remove', 'increase' or 'decrease'.",
  )
  readonly #durations = new Histogram(
    'kubelet_pod_resize_duration_milliseconds',
    'Duration in milliseconds to actuate a pod resize',
    BOUNDS,
  )
  /** Those under way, and since when on the monotonic clock, by the Pod's uid. */
  readonly #begun = new Map<string, number>()

  /** A Pod asks for something else than before. */
  requested(before: Allocation, after: Allocation): void {
    for (const [name, wanted] of after.containers) {
      const had = before.containers.get(name)
      for (const requirement of ['requests', 'limits'] as const) {
        for (const resource of ['cpu', 'memory'] as const) {
          const operation = operationOf(had?.[requirement]?.[resource], wanted?.[requirement]?.[resource])
          if (operation !== undefined) this.#requested.add({ operation, requirement, resource })
        }
      }
    }
  }

  /** A Pod was given what it asks for; its containers are to follow. */
  began(uid: string, now: number): void {
    this.#begun.set(uid, now)
  }

  /** They have, or could not. */
  ended(uid: string, now: number, success: boolean): void {
    const from = this.#begun.get(uid)
    if (from === undefined) return
    this.#durations.observe(now - from, { success: String(success) })
    if (success) this.#begun.delete(uid)
  }

  /** The Pod is gone. */
  forget(uid: string): void {
    this.#begun.delete(uid)
  }

  get families(): readonly Family[] {
    const help = 'Number of in-progress resizes for pods.'
    const samples = [{ value: this.#begun.size }]
    return [
      this.#requested.family,
      this.#durations.family,
      { name: 'kubelet_pod_in_progress_resizes', help, type: 'gauge', samples },
    ]
  }
}

function operationOf(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined) return after === undefined ? undefined : 'add'
  if (after === undefined) return 'remove'
  const change = milliValue(after) - milliValue(before)
  return change === 0 ? undefined : change > 0 ? 'increase' : 'decrease'
}
