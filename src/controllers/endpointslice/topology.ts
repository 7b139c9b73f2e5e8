/**
 * The slices of one address family of a Service, with the hints its topology mode asks for, and what there is to tell
 * about them (https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/). Remembers how many
 * endpoints each zone was given, to see which Services other nodes make wrong.
 */

import type { Node } from '../../api/generated/core-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { Events } from '../kit/events.ts'
import { keyOf } from '../kit/ownership.ts'
import type { ReadService } from '../kit/slices/service-pods.ts'
import {
  type AddressFamily,
  type EndpointGroup,
  planSlices,
  type ReadSlice,
  type SliceMarks,
  type SlicePlan,
  untouchedBy,
} from '../kit/slices/slices.ts'
import { type Allocations, allot, isOverloaded, type ZoneCounts } from './allocations.ts'
import { ZoneCapacity } from './zone-capacity.ts'
import { type HintedSlices, hintZones, isReadyEndpoint, isTopologyAware, withKnownHints } from './zone-hints.ts'

const DISABLED = 'TopologyAwareHintsDisabled'
const ENABLED = 'TopologyAwareHintsEnabled'
const NO_ZONE = 'One or more endpoints do not have a zone specified'

export class Topology {
  readonly #events: Events
  readonly #capacity = new ZoneCapacity()
  /** The endpoints per zone of every Service with hints, by address family. */
  readonly #hinted = new Map<string, Map<AddressFamily, ZoneCounts>>()
  /** The Services that were told that they have hints. */
  readonly #told = new Set<string>()

  constructor(events: Events) {
    this.#events = events
  }

  /** Counts the nodes from now on; `wake` gets the key of each Service whose hints they make wrong. */
  watch(nodes: Informer<Node>, wake: (key: string) => void): void {
    const check = (isChanged: boolean) => {
      if (!isChanged || this.#hinted.size === 0) return
      const shares = this.#capacity.shares()
      for (const [key, families] of this.#hinted) {
        if ([...families.values()].some((counts) => isOverloaded(counts, shares))) wake(key)
      }
    }
    nodes.on({
      added: (node) => check(this.#capacity.put(node)),
      updated: (node) => check(this.#capacity.put(node)),
      deleted: (node) => check(this.#capacity.remove(node)),
    })
  }

  forget(key: string): void {
    this.#hinted.delete(key)
    this.#told.delete(key)
  }

  /** What to do with the slices of one family. `groups` have no hints of this mode yet. */
  plan(service: ReadService, groups: readonly EndpointGroup[], slices: readonly ReadSlice[], marks: FamilyMarks) {
    const family = marks.addressType
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      this.#events.event(service, type, reason, `${message}, addressType: ${family}`)
    const key = keyOf(service)
    if (!isTopologyAware(service)) {
      if (this.#told.has(key)) tell('Warning', DISABLED, 'Topology Aware Hints has been disabled')
      this.#drop(key, family)
      return planSlices(groups, slices, marks)
    }
    const ready = groups.reduce((sum, { endpoints }) => sum + endpoints.filter(isReadyEndpoint).length, 0)
    const allocations = allot(this.#capacity.shares(), ready)
    const hinted = 'why' in allocations ? undefined : planHinted(groups, slices, marks, allocations)
    if (hinted === undefined) {
      tell('Warning', DISABLED, 'why' in allocations ? allocations.why : NO_ZONE)
      this.#drop(key, family)
      return planSlices(groups, slices, marks)
    }
    if (!this.#told.has(key)) tell('Normal', ENABLED, 'Topology Aware Hints has been enabled')
    this.#told.add(key)
    const families = this.#hinted.get(key) ?? new Map<AddressFamily, ZoneCounts>()
    this.#hinted.set(key, families.set(family, hinted.counts))
    return hinted.plan
  }

  #drop(key: string, family: AddressFamily): void {
    this.#told.delete(key)
    const families = this.#hinted.get(key)
    families?.delete(family)
    if (families?.size === 0) this.#hinted.delete(key)
  }
}

export interface FamilyMarks extends SliceMarks {
  readonly addressType: AddressFamily
}

function planHinted(
  groups: readonly EndpointGroup[],
  slices: readonly ReadSlice[],
  marks: FamilyMarks,
  allocations: Allocations,
): HintedSlices | undefined {
  const plan: SlicePlan = planSlices(withKnownHints(groups, slices), slices, marks)
  return hintZones(plan, untouchedBy(plan, slices), allocations)
}
