/** What is known of one Pod's claims while it is scheduled. */

import { cycleKey } from '../../framework/cycle.ts'
import { isAllocated, type ReadClaim } from './claims.ts'
import { type Wish, wishOf } from './demands.ts'
import type { NodeClaim } from './extended.ts'
import type { Parts } from './parts.ts'
import { SliceIndex } from './pools.ts'
import type { Pick } from './search.ts'
import { type Allocation, type Taken, takenBy } from './taken.ts'

/** What a Pod asks for, whatever the node. */
export interface Demand {
  readonly claims: readonly ReadClaim[]
  /** The Pod's extended resources, where devices stand behind any of them. */
  readonly resources: readonly string[]
  /** The claim for them that an earlier try left behind: it has to go first. */
  readonly left: ReadClaim | undefined
}

export interface State extends Demand {
  /** The claims without devices, and what they ask for. */
  readonly wishes: readonly Wish[]
  readonly slices: SliceIndex
  readonly taken: Taken
  /** What each node has to offer. */
  readonly found: Map<string, Found>
  /** Allocated claims that keep the Pod from some node. */
  readonly unavailable: Set<ReadClaim>
  /** What was decided, by claim. */
  readonly decided: Map<ReadClaim, Allocation>
}

/** What a node has for each wish, and the claim for extended resources, whose wish is the last. */
export interface Found {
  readonly wishes: readonly Wish[]
  readonly picks: readonly (readonly Pick[])[]
  readonly extended: NodeClaim | undefined
}

export const state = cycleKey<State>('DynamicResources')

export const emptyState: State = {
  claims: [],
  wishes: [],
  resources: [],
  left: undefined,
  slices: new SliceIndex([]),
  taken: { whole: new Set(), shared: new Map() },
  found: new Map(),
  unavailable: new Set(),
  decided: new Map(),
}

/** The state of a Pod that no node was asked for yet. */
export function stateOf({ deps, known }: Parts, { claims, resources, left }: Demand): State {
  const { classes, slices } = deps
  const wishes = claims.filter((claim) => !isAllocated(claim)).map((claim) => wishOf(claim, classes))
  const mayWish = wishes.length + resources.length > 0
  return {
    claims,
    resources,
    left,
    wishes,
    slices: new SliceIndex(mayWish ? slices.list() : []),
    taken: takenBy(mayWish ? known.allocations() : []),
    found: new Map(),
    unavailable: new Set(),
    decided: new Map(),
  }
}
