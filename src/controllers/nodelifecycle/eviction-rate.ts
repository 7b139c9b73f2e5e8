/** Whether a node's Pods may be driven away now (https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction). */

import { type Clock, fromTime } from '../../base/clock.ts'
import { nodeCondition, type ReadNode } from './conditions.ts'
import { NOT_READY, outageTaint, UNREACHABLE } from './taints.ts'
import { ZoneTallies, zoneOf } from './zones.ts'

/** An outage this young may be the first sign of a larger one: nodes that fail together must be judged together. */
const SETTLE_MS = 5_000

/** Counts the nodes of every zone, and lets them be emptied one after the other. */
export class EvictionRate {
  readonly #clock: Clock
  readonly #zones = new ZoneTallies()
  /** By zone: no eviction before. */
  readonly #next = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  added(node: ReadNode): void {
    this.#zones.add(node)
  }

  updated(node: ReadNode, old: ReadNode): void {
    this.#zones.remove(old)
    this.#zones.add(node)
  }

  deleted(node: ReadNode): void {
    this.#zones.remove(node)
    this.#next.delete(zoneOf(node))
  }

  /** Whether now, or after how long to ask again. Who is told so takes the zone's turn. */
  mayEvict(node: ReadNode): boolean | { readonly waitMs: number } {
    const ready = nodeCondition(node, 'Ready')
    if (outageTaint(node) === undefined || ready === undefined) return false
    const wait = this.#zones.evictionWait(zoneOf(node))
    if (wait === undefined) return false
    if (isBeingEmptied(node)) return true
    const since = fromTime(ready.lastTransitionTime) ?? 0
    if (this.#clock.now() - since < SETTLE_MS) return { waitMs: since + SETTLE_MS - this.#clock.now() }
    const now = this.#clock.monotonic()
    const next = this.#next.get(zoneOf(node)) ?? 0
    if (now < next) return { waitMs: next - now }
    this.#next.set(zoneOf(node), now + wait)
    return true
  }
}

const isBeingEmptied = ({ spec }: ReadNode): boolean =>
  spec?.taints?.some(({ key, effect }) => effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE)) === true
