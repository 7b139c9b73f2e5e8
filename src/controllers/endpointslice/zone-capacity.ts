/**
 * How much of the cluster's CPU each zone has: the measure by which topology aware routing divides endpoints
 * (https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/#safeguards).
 * Nodes are counted as they come, change and go: no look walks over all of them.
 */

import type { Node } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { milliValue } from '../../meta/quantity.ts'
import { nameOf } from '../kit/ownership.ts'

export const ZONE_LABEL = 'topology.kubernetes.io/zone'
const EXCLUDED_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

type ReadNode = DeepReadonly<Node>

/** Each zone's part of all CPU; together they are 1. */
export type ZoneShares = ReadonlyMap<string, number>

/** What one node adds; `unknown` where its zone or its CPU is not told. */
type Part = { readonly zone: string; readonly milliCpu: number } | 'unknown'

export class ZoneCapacity {
  readonly #parts = new Map<string, Part>()
  readonly #milliCpu = new Map<string, { nodes: number; milliCpu: number }>()
  #unknown = 0

  /** Takes in what a node is now. Returns whether that changes the shares. */
  put(node: ReadNode): boolean {
    const before = this.#parts.get(nameOf(node))
    const part = partOf(node)
    if (samePart(before, part)) return false
    this.#count(before, -1)
    this.#count(part, 1)
    if (part === undefined) this.#parts.delete(nameOf(node))
    else this.#parts.set(nameOf(node), part)
    return true
  }

  /** Forgets a node that is gone. Returns whether that changes the shares. */
  remove(node: ReadNode): boolean {
    const before = this.#parts.get(nameOf(node))
    this.#count(before, -1)
    this.#parts.delete(nameOf(node))
    return before !== undefined
  }

  /** Undefined while some node is unknown, or there are not two zones to divide by. */
  shares(): ZoneShares | undefined {
    if (this.#unknown > 0 || this.#milliCpu.size < 2) return undefined
    let total = 0
    for (const { milliCpu } of this.#milliCpu.values()) total += milliCpu
    return new Map([...this.#milliCpu].map(([zone, { milliCpu }]) => [zone, milliCpu / total]))
  }

  #count(part: Part | undefined, by: 1 | -1): void {
    if (part === undefined) return
    if (part === 'unknown') {
      this.#unknown += by
      return
    }
    const sum = this.#milliCpu.get(part.zone) ?? { nodes: 0, milliCpu: 0 }
    sum.nodes += by
    sum.milliCpu += by * part.milliCpu
    if (sum.nodes === 0) this.#milliCpu.delete(part.zone)
    else this.#milliCpu.set(part.zone, sum)
  }
}

/** Nodes that are not ready and those of the control plane take no part. */
function partOf({ metadata: { labels = {} }, status }: ReadNode): Part | undefined {
  if (EXCLUDED_LABELS.some((label) => labels[label] !== undefined)) return undefined
  if (!status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return undefined
  const { [ZONE_LABEL]: zone = '' } = labels
  const milliCpu = milliValue(status.allocatable?.['cpu'] ?? '0')
  return zone === '' || milliCpu === 0 ? 'unknown' : { zone, milliCpu }
}

function samePart(a: Part | undefined, b: Part | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.zone === b.zone && a.milliCpu === b.milliCpu
}
