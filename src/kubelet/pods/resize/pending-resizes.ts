/**
 * The resizes of a node's Pods that wait for room. Whenever there may be some they are tried again, the most urgent first
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status).
 */

import type { QosClass } from '../../resources/linux-resources.ts'

/** How urgent a resize is. */
export interface ResizeRank {
  /** It asks for more than the Pod has: others are sure to fit. */
  readonly asksForMore: boolean
  readonly priority: number
  readonly qos: QosClass
  /** Since when it waits, in milliseconds since the epoch; `undefined`: it was not tried yet. */
  readonly since: number | undefined
}

export interface WaitingResize {
  readonly rank: () => ResizeRank
  /** Takes the room if there is enough now. */
  readonly tryNow: () => void
}

export class PendingResizes {
  readonly #waiting = new Map<string, WaitingResize>()
  #isTrying = false

  /** The Pod `uid` waits with this, and with nothing else. */
  add(uid: string, resize: WaitingResize): void {
    this.#waiting.set(uid, resize)
  }

  /** The Pod has what it asked for, or asks no more. */
  remove(uid: string): void {
    this.#waiting.delete(uid)
  }

  /** There may be room. */
  retry(): void {
    if (this.#isTrying || this.#waiting.size === 0) return
    this.#isTrying = true
    try {
      const ranked = [...this.#waiting.values()].map((resize) => ({ resize, rank: resize.rank() }))
      for (const { resize } of ranked.toSorted((a, b) => compareRanks(a.rank, b.rank))) resize.tryNow()
    } finally {
      this.#isTrying = false
    }
  }
}

/** Negative: `a` goes first. Then what gives room, then priority, then quality of service, then who waits longest. */
function compareRanks(a: ResizeRank, b: ResizeRank): number {
  const inOrder = [
    Number(a.asksForMore) - Number(b.asksForMore),
    b.priority - a.priority,
    Number(b.qos === 'Guaranteed') - Number(a.qos === 'Guaranteed'),
  ]
  const [a0, b0] = [a.since ?? Infinity, b.since ?? Infinity]
  return inOrder.find((order) => order !== 0) ?? (a0 === b0 ? 0 : a0 - b0)
}
