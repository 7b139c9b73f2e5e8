/** Delivers audit events with patience (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#webhook-backend). */

import { backoffMs } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'

/** Takes a batch of lines; rejects where that fails. */
export type Deliver = (lines: readonly string[], signal: AbortSignal) => Promise<void>

export interface DeliveryDeps {
  readonly deliver: Deliver
  readonly clock: Clock
  /** After the first failure; then half as much again each time. */
  readonly initialBackoffMs: number
}

const TRIES = 5
const FACTOR = 1.5

/** Tries several times. Rejects with the last failure, or when `signal` aborts. */
export async function deliverPatiently(
  lines: readonly string[],
  { deliver, clock, initialBackoffMs }: DeliveryDeps,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; ; failures++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await deliver(lines, signal)
    } catch (error) {
      if (failures === TRIES || signal.aborted) throw error
      const ms = backoffMs(failures, { baseMs: initialBackoffMs, maxMs: Infinity, factor: FACTOR })
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      await clock.sleep(ms, signal).catch(() => {})
    }
  }
}
