/**
 * `service.kubernetes.io/topology-mode: Auto`: tells proxies which zone each endpoint is for, so that traffic stays
 * near and no endpoint is overloaded
 * (https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/). Pure.
 */

import { OLD_TOPOLOGY_MODE, TOPOLOGY_MODE } from '../../api/core/v1/service/facts.ts'
import type { ReadService } from '../kit/slices/service-pods.ts'
import {
  type EndpointGroup,
  type ReadEndpoint,
  type ReadSlice,
  says,
  type SliceContent,
  type SlicePlan,
} from '../kit/slices/slices.ts'
import { type Allocations, transfers, type ZoneCounts } from './allocations.ts'

export function isTopologyAware({ metadata: { annotations = {} } }: ReadService): boolean {
  const mode = annotations[OLD_TOPOLOGY_MODE] ?? annotations[TOPOLOGY_MODE]
  return mode === 'Auto' || mode === 'auto'
}

export const isReadyEndpoint = ({ conditions }: ReadEndpoint): boolean => conditions?.ready === true

const zonesHinted = ({ hints }: ReadEndpoint): readonly string[] => (hints?.forZones ?? []).map(({ name }) => name)

/** The groups with the hints that their endpoints have in the slices already. */
export function withKnownHints(groups: readonly EndpointGroup[], slices: readonly ReadSlice[]): EndpointGroup[] {
  const known = new Map<string, ReadEndpoint['hints']>()
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints ?? []) known.set(identity(endpoint), endpoint.hints)
  }
  return groups.map((group) => ({
    ...group,
    endpoints: group.endpoints.map((endpoint) => hinted(endpoint, known.get(identity(endpoint)))),
  }))
}

const identity = ({ addresses, targetRef }: ReadEndpoint) => `${targetRef?.uid}/${addresses.join(',')}`

function hinted({ hints: _before, ...endpoint }: ReadEndpoint, hints: ReadEndpoint['hints']): ReadEndpoint {
  return hints === undefined ? endpoint : { ...endpoint, hints }
}

export interface HintedSlices {
  readonly plan: SlicePlan
  /** Endpoints told to each zone, over all slices. */
  readonly counts: ZoneCounts
}

/**
 * Gives the slices that are written anyway the hints that make every zone's count right. A slice that stays as it is
 * keeps its hints, unless they can no longer be. Undefined where an endpoint to be written has no zone.
 */
export function hintZones(
  plan: SlicePlan,
  untouched: readonly ReadSlice[],
  allocations: Allocations,
): HintedSlices | undefined {
  const counts = new Map<string, number>()
  const update = [...plan.update]
  for (const slice of untouched) {
    const told = countHints(slice.endpoints ?? [], counts, allocations)
    if (told === undefined) update.push({ slice, content: contentOf(slice) })
    else for (const [zone, count] of told) add(counts, zone, count)
  }
  const written = [...plan.create, ...update.map(({ content }) => content)]
  for (const { endpoints } of written) {
    for (const endpoint of endpoints.filter(isReadyEndpoint)) {
      if (endpoint.zone === undefined) return undefined
      add(counts, endpoint.zone, 1)
    }
  }
  const assign = assignment(allocations, counts)
  const rehint = (content: SliceContent): SliceContent => ({ ...content, endpoints: content.endpoints.map(assign) })
  return {
    plan: {
      create: plan.create.map(rehint),
      update: update
        .map(({ slice, content }) => ({ slice, content: rehint(content) }))
        .filter(({ slice, content }) => !says(slice, content)),
      remove: plan.remove,
    },
    counts,
  }
}

/** The hints of a slice by zone; undefined where one lacks, or is for a zone that needs none or has too many. */
function countHints(endpoints: readonly ReadEndpoint[], others: ZoneCounts, allocations: Allocations) {
  const told = new Map<string, number>()
  for (const endpoint of endpoints.filter(isReadyEndpoint)) {
    const zones = zonesHinted(endpoint)
    if (zones.length === 0) return undefined
    for (const zone of zones) add(told, zone, 1)
  }
  for (const [zone, count] of told) {
    const allocation = allocations.get(zone)
    if (allocation === undefined || count + (others.get(zone) ?? 0) > allocation.maximum) return undefined
  }
  return told
}

/** Hints each endpoint for its own zone, or for a poorer one while its own has too many. Keeps `counts` right. */
function assignment(allocations: Allocations, counts: Map<string, number>): (endpoint: ReadEndpoint) => ReadEndpoint {
  const { give, take } = transfers(allocations, counts)
  const toGive = new Map(give)
  const toTake = new Map(take)
  return (endpoint) => {
    const { zone } = endpoint
    if (!isReadyEndpoint(endpoint) || zone === undefined) return hinted(endpoint, undefined)
    const [poorer] = (toGive.get(zone) ?? 0) > 0 ? [...toTake.keys()] : []
    if (poorer !== undefined) {
      use(toGive, zone)
      use(toTake, poorer)
      add(counts, zone, -1)
      add(counts, poorer, 1)
    }
    return hinted(endpoint, { forZones: [{ name: poorer ?? zone }] })
  }
}

const add = (counts: Map<string, number>, zone: string, by: number) => counts.set(zone, (counts.get(zone) ?? 0) + by)

function use(counts: Map<string, number>, zone: string): void {
  const left = (counts.get(zone) ?? 0) - 1
  if (left > 0) counts.set(zone, left)
  else counts.delete(zone)
}

function contentOf({ addressType, ports, endpoints, metadata }: ReadSlice): SliceContent {
  return {
    addressType: addressType === 'IPv6' ? 'IPv6' : 'IPv4',
    ports: ports ?? [],
    endpoints: endpoints ?? [],
    labels: metadata.labels ?? {},
  }
}
