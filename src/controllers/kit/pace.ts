/**
 * Keys whose work grows with their Pods are worked the less often the more Pods they have: a rollout of thousands must
 * not count all of them again for each one that changes (what Kubernetes's controllers get from their request limits).
 */

import type { Clock } from '../../base/clock.ts'
import type { WorkQueue } from '../../base/work-queue.ts'

/** Fewer Pods than this are nothing to wait for. */
const FEW = 50
const MS_PER_POD = 0.5
const LONGEST_MS = 3_000

export class PacedQueue {
  readonly #queue: WorkQueue
  readonly #clock: Clock
  readonly #next = new Map<string, number>()

  constructor(queue: WorkQueue, clock: Clock) {
    this.#queue = queue
    this.#clock = clock
  }

  /** Adds the key, at its pace; in no case sooner than `atLeastMs` from now. */
  add(key: string, atLeastMs = 0): void {
    const next = this.#next.get(key)
    const wait = next === undefined ? 0 : next - this.#clock.monotonic()
    this.#queue.addAfter(key, Math.max(wait, atLeastMs))
  }

  /** The key is being worked, over so many Pods: it is worked again after a while that is in proportion. */
  begin(key: string, pods: number): void {
    if (pods < FEW) this.#next.delete(key)
    else this.#next.set(key, this.#clock.monotonic() + Math.min(LONGEST_MS, pods * MS_PER_POD))
  }
}
