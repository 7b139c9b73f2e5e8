/** When each node was last heard of, by our own clock: theirs may differ (https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats). */

import type { Clock } from '../../base/clock.ts'
import { nameOf } from '../kit/ownership.ts'
import { heartbeatOf, nodeCondition, type ReadNode } from './conditions.ts'

/** How long a node may be silent. */
const GRACE_MS = 40_000
/** How long a node that never reported may take to start. */
const STARTUP_GRACE_MS = 60_000

interface Heard {
  at: number
  heartbeat: string
  renewTime: string | undefined
}

export class Heartbeats {
  readonly #clock: Clock
  readonly #heard = new Map<string, Heard>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A node that is new counts as heard of now. */
  register(node: ReadNode): void {
    const at = this.#clock.monotonic()
    this.#heard.set(nameOf(node), { at, heartbeat: heartbeatOf(node), renewTime: undefined })
  }

  /** The node's status was written, perhaps by its kubelet. */
  reported(node: ReadNode): void {
    const record = this.#heard.get(nameOf(node))
    const heartbeat = heartbeatOf(node)
    if (record === undefined || record.heartbeat === heartbeat) return
    Object.assign(record, { heartbeat, at: this.#clock.monotonic() })
  }

  /** The node's lease was written, perhaps by its kubelet. */
  renewed(name: string, renewTime: string): void {
    const record = this.#heard.get(name)
    if (record === undefined || record.renewTime === renewTime) return
    Object.assign(record, { renewTime, at: this.#clock.monotonic() })
  }

  /** How long the node may still be silent; not above 0: it is too long already. Undefined for one that is not known. */
  graceLeft(node: ReadNode): number | undefined {
    const record = this.#heard.get(nameOf(node))
    if (record === undefined) return undefined
    const grace = nodeCondition(node, 'Ready') === undefined ? STARTUP_GRACE_MS : GRACE_MS
    return record.at + grace - this.#clock.monotonic()
  }

  forget(node: ReadNode): void {
    this.#heard.delete(nameOf(node))
  }
}
