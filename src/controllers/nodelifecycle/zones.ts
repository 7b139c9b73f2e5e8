/**
 * How fast nodes may be emptied: one in ten seconds per zone, slower or not at all when most of a zone is down, for
 * then the fault is likely ours (https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction). Pure.
 */

import { type ReadNode, readiness } from './conditions.ts'

const NORMAL_WAIT_MS = 10_000
const SLOW_WAIT_MS = 100_000
const UNHEALTHY_SHARE = 0.55
const LARGE_ZONE = 50

/** The zone of a node, by region and zone label. */
export function zoneOf(node: ReadNode): string {
  const labels = node.metadata.labels ?? {}
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`
}

/** How the nodes of a zone stand. */
export interface ZoneTally {
  readonly nodes: number
  readonly down: number
}

/** Counts the nodes of every zone as they come, change and go. */
export class ZoneTallies {
  readonly #zones = new Map<string, ZoneTally>()

  add(node: ReadNode): void {
    this.#count(node, 1)
  }

  remove(node: ReadNode): void {
    this.#count(node, -1)
  }

  /** Milliseconds between two evictions in a zone; undefined while none may happen. */
  evictionWait(zone: string): number | undefined {
    return evictionWait(this.#zones, zone)
  }

  #count(node: ReadNode, by: 1 | -1): void {
    const zone = zoneOf(node)
    const { nodes, down } = this.#zones.get(zone) ?? NONE
    const tally = { nodes: nodes + by, down: readiness(node) === 'True' ? down : down + by }
    if (tally.nodes === 0) this.#zones.delete(zone)
    else this.#zones.set(zone, tally)
  }
}

const NONE: ZoneTally = { nodes: 0, down: 0 }

function evictionWait(zones: ReadonlyMap<string, ZoneTally>, zone: string): number | undefined {
  if ([...zones.values()].every(({ nodes, down }) => down === nodes)) return undefined // it is we who are cut off
  const { nodes, down } = zones.get(zone) ?? NONE
  if (down === nodes) return NORMAL_WAIT_MS // other zones live: this one really is down
  const isPartial = down > 2 && down / nodes >= UNHEALTHY_SHARE
  if (!isPartial) return NORMAL_WAIT_MS
  return nodes > LARGE_ZONE ? SLOW_WAIT_MS : undefined
}
