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

/** Milliseconds between two evictions in a zone; undefined while none may happen. */
export function evictionWait(nodes: readonly ReadNode[], zone: string): number | undefined {
  if (nodes.every((node) => readiness(node) !== 'True')) return undefined // it is we who are cut off
  const here = nodes.filter((node) => zoneOf(node) === zone)
  const down = here.filter((node) => readiness(node) !== 'True').length
  if (down === here.length) return NORMAL_WAIT_MS // other zones live: this one really is down
  const isPartial = down > 2 && down / here.length >= UNHEALTHY_SHARE
  if (!isPartial) return NORMAL_WAIT_MS
  return here.length > LARGE_ZONE ? SLOW_WAIT_MS : undefined
}
