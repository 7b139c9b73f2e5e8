/**
 * How many endpoints of a Service each zone should have, by its part of all CPU, such that none carries more than a
 * fifth above its due (https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/#safeguards). Pure.
 */

import type { ZoneShares } from './zone-capacity.ts'

const OVERLOAD = 0.2

export interface Allocation {
  readonly minimum: number
  readonly maximum: number
  /** By the zone's share, in parts of endpoints. */
  readonly desired: number
}

export type Allocations = ReadonlyMap<string, Allocation>

/** Endpoints per zone. */
export type ZoneCounts = ReadonlyMap<string, number>

/** Why nothing can be allotted, in Kubernetes's words. */
export interface NotAllotted {
  readonly why: string
}

export function allot(shares: ZoneShares | undefined, endpoints: number): Allocations | NotAllotted {
  if (shares === undefined) {
    return { why: 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes' }
  }
  const counts = `(${endpoints} endpoints, ${shares.size} zones)`
  if (shares.size > endpoints) return { why: `Insufficient number of endpoints ${counts}` }
  const minimums = [...shares].map(([zone, share]) => ({ zone, share, minimum: leastFor(endpoints, share) }))
  const spare = minimums.reduce((left, { minimum }) => left - minimum, endpoints)
  if (spare < 0) {
    const why = 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold'
    return { why: `${why} ${counts}` }
  }
  return new Map(
    minimums.map(({ zone, share, minimum }) => [
      zone,
      { minimum, maximum: minimum + spare, desired: Math.max(share * endpoints, minimum) },
    ]),
  )
}

const leastFor = (endpoints: number, share: number) => Math.ceil(endpoints * share * (1 / (1 + OVERLOAD)))

/** Whether some zone has fewer endpoints than it must, now that the nodes are others. */
export function isOverloaded(counts: ZoneCounts, shares: ZoneShares | undefined): boolean {
  if (counts.size === 0) return false
  if (shares === undefined) return true
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return [...shares].some(([zone, share]) => (counts.get(zone) ?? -1) < leastFor(total, share))
}

/** How many endpoints zones with too many give to zones with too few. Both sums are the same. */
export function transfers(allocations: Allocations, counts: ZoneCounts): { give: ZoneCounts; take: ZoneCounts } {
  const surplus = new Map<string, number>()
  const lack = new Map<string, number>()
  for (const [zone, { desired }] of allocations) {
    const difference = (counts.get(zone) ?? 0) - desired
    if (difference > 0) surplus.set(zone, difference)
    else if (difference < 0) lack.set(zone, -difference)
  }
  const give = new Map<string, number>()
  const take = new Map<string, number>()
  for (;;) {
    const from = most(surplus)
    const to = most(lack)
    if (from === undefined || to === undefined) break
    const [much, little] = [Math.max(from.amount, to.amount), Math.min(from.amount, to.amount)]
    if (much < 1 || little < 0.5) break // what is left is less than an endpoint
    give.set(from.zone, (give.get(from.zone) ?? 0) + 1)
    take.set(to.zone, (take.get(to.zone) ?? 0) + 1)
    surplus.set(from.zone, from.amount - 1)
    lack.set(to.zone, to.amount - 1)
  }
  return { give, take }
}

function most(zones: ReadonlyMap<string, number>): { zone: string; amount: number } | undefined {
  let found: { zone: string; amount: number } | undefined
  for (const [zone, amount] of zones) if (amount > (found?.amount ?? 0)) found = { zone, amount }
  return found
}
