/**
 * Gives devices to the resource claims of Pods, and Pods to the nodes where their devices are
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */

import { matchesNodeSelector } from '../../../api/core/v1/node/node-selector.ts'
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../api/generated/resource-v1.ts'
import type { Random } from '../../../base/random.ts'
import type { Lister } from '../../../client/informer.ts'
import { keyOf } from '../../../meta/keys.ts'
import { deepEqual } from '../../../meta/validation.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { bindClaim, type BindDeps, freeClaim, hasConditions, isLate, readiness, waitUntilBound } from './binding.ts'
import { claimsOf, isAllocated, isFull, isReserved, missingClasses, namesClaim, type ReadClaim } from './claims.ts'
import { type Wish, wishOf } from './demands.ts'
import { SliceIndex } from './pools.ts'
import { allocationOf } from './result.ts'
import { findDevices, type Pick } from './search.ts'
import { type Allocation, KnownClaims, type Taken, takenBy } from './taken.ts'

export interface DynamicResourcesDeps extends BindDeps {
  readonly random: Random
  readonly claims: Lister<ResourceClaim>
  readonly classes: Lister<DeviceClass>
  readonly slices: Lister<ResourceSlice>
  /** Tells that a Pod waits for its devices. */
  readonly tell: (pod: PodInfo, note: string) => void
}

/** What is known of one Pod's claims while it is scheduled. */
interface State {
  readonly claims: readonly ReadClaim[]
  /** Those without devices, and what they ask for. */
  readonly wishes: readonly Wish[]
  readonly slices: SliceIndex
  readonly taken: Taken
  /** What each node has to offer. */
  readonly found: Map<string, readonly (readonly Pick[])[]>
  /** Allocated claims that keep the Pod from some node. */
  readonly unavailable: Set<ReadClaim>
  /** What was decided, by claim. */
  readonly decided: Map<ReadClaim, Allocation>
}

const state = cycleKey<State>('DynamicResources')
const FOR_GOOD = { evictionMayHelp: false }
const NOT_THERE = rejected('resourceclaim not available on the node', FOR_GOOD)
const NOT_GIVEN = rejected('cannot allocate all claims', FOR_GOOD)
const BAD_POOLS = rejected('invalid resource pools were encountered', FOR_GOOD)
const DEFAULT_ARGS: PluginArgs['DynamicResources'] = { filterTimeoutMs: 10_000, bindingTimeoutMs: 600_000 }
/** So many alternatives a request may have; the first is worth the most. */
const MAX_ALTERNATIVES = 8

export function dynamicResources(deps: DynamicResourcesDeps, args = DEFAULT_ARGS): SchedulerPlugin {
  const { classes, slices, clock, random } = deps
  const known = new KnownClaims(deps.claims)

  return {
    name: 'DynamicResources',
    wakeOn: [
      'ResourceClaim/add',
      'ResourceClaim/update',
      'DeviceClass/add',
      'DeviceClass/update',
      'ResourceSlice/add',
      'ResourceSlice/update',
      'Pod/resource-claims',
      'Node/add',
      'Node/labels',
      'Node/allocatable',
    ],

    mayHelp(event, pod, { old, now }) {
      if (event !== 'ResourceClaim/add' && event !== 'ResourceClaim/update') return true
      if (typeof claimsOf(pod, known) === 'string') return false
      const [before, claim] = [old as ReadClaim | undefined, now as ReadClaim]
      if (before !== undefined && isAllocated(before) && !isAllocated(claim)) return true // devices are free again
      if (!namesClaim(pod, claim)) return false
      return before === undefined || !deepEqual(before.status, claim.status)
    },

    preEnqueue(pod) {
      const found = claimsOf(pod, known)
      return typeof found === 'string' ? rejected(found, FOR_GOOD) : fits
    },

    preFilter(cycle, { pod, uid }) {
      const claims = claimsOf(pod, known)
      cycle.set(state, emptyState)
      if (typeof claims === 'string') return { verdict: rejected(claims, FOR_GOOD) }
      if (claims.length === 0) return { verdict: skip }
      for (const claim of claims) {
        if (isAllocated(claim)) {
          if (isFull(claim) && !isReserved(claim, uid)) return { verdict: rejected('resourceclaim in use', FOR_GOOD) }
          continue
        }
        if (known.isPromised(claim)) {
          const words = `resource claim ${keyOf(claim)} is in the process of being allocated`
          return { verdict: rejected(words, FOR_GOOD) }
        }
        const [lacking] = missingClasses(claim, classes)
        if (lacking !== undefined) return { verdict: rejected(lacking, FOR_GOOD) }
      }
      cycle.set(state, stateOf(claims))
      return { verdict: fits }
    },

    filter(cycle, _pod, info) {
      const of = cycle.get(state) ?? emptyState
      const { node } = info
      const unavailable = of.claims.filter((claim) => {
        const { nodeSelector } = claim.status?.allocation ?? {}
        if (nodeSelector !== undefined && !matchesNodeSelector(nodeSelector, node)) return true
        return isAllocated(claim) && willNotBeBound(claim)
      })
      const verdict = of.wishes.length === 0 ? fits : search(of, info, isTooLong())
      if (verdict.kind === 'rejected' || unavailable.length === 0) return verdict
      for (const claim of unavailable) of.unavailable.add(claim)
      return NOT_THERE
    },

    async postFilter({ cycle, pod }, signal) {
      const of = cycle.get(state)
      // Another plugin refused the Pod before this one looked at it: these are Kubernetes's words for that.
      if (of === undefined) throw new Error('not found')
      if (of.claims.length === 0) return { message: 'no new claims to deallocate' }
      for (const claim of of.unavailable) {
        if ((claim.status?.reservedFor ?? []).some((holder) => holder.uid !== pod.uid)) continue
        await freeClaim(deps, claim, signal)
        return { message: 'deallocation of ResourceClaim completed' }
      }
      return { message: 'still not schedulable' }
    },

    preScore: (cycle) => ((cycle.get(state)?.claims.length ?? 0) === 0 ? skip : undefined),

    score(cycle, _pod, { name }) {
      const { claims, wishes, found } = cycle.get(state) ?? emptyState
      const decided = found.get(name) ?? []
      return claims.reduce((sum, claim) => {
        const at = wishes.findIndex((wish) => wish.claim === claim)
        const names = at < 0 ? allocatedRequests(claim) : (decided[at] ?? []).map(({ request }) => request)
        return sum + preference(claim, new Set(names))
      }, 0)
    },

    reserve(cycle, _pod, nodeName) {
      const of = cycle.get(state) ?? emptyState
      const found = of.found.get(nodeName)
      if (of.wishes.length === 0) return fits
      if (found === undefined) return rejected('claim allocation not found for node', FOR_GOOD)
      of.wishes.forEach((wish, at) => {
        const allocation = allocationOf(wish, found[at] ?? [], { nodeName, random })
        of.decided.set(wish.claim, allocation)
        known.promise(wish.claim, allocation)
      })
      return fits
    },

    unreserve(cycle) {
      for (const claim of cycle.get(state)?.decided.keys() ?? []) known.takeBack(claim)
    },

    preBindNeeded: (cycle) => (cycle.get(state)?.claims.length ?? 0) > 0,

    async preBind(cycle, pod, nodeName, signal) {
      const { claims, decided } = cycle.get(state) ?? emptyState
      const bound: ReadClaim[] = []
      for (const claim of claims) {
        if (isReserved(claim, pod.uid)) {
          bound.push(claim)
          continue
        }
        const allocation = decided.get(claim)
        const written = await bindClaim(deps, { claim, allocation, pod }, signal)
        known.written(written)
        bound.push(written)
      }
      if (!bound.some(hasConditions)) return
      deps.tell(pod, `waiting for binding conditions for device on node ${nodeName}`)
      const newest = (claim: ReadClaim) => known.get(keyOf(claim))
      await waitUntilBound({ ...deps, claims: bound, newest, timeoutMs: args.bindingTimeoutMs }, signal)
    },
  }

  /** Tells whether a node has been looked at for too long, from now on. */
  function isTooLong(): () => boolean {
    const { filterTimeoutMs } = args
    const since = clock.monotonic()
    return () => filterTimeoutMs > 0 && clock.monotonic() - since > filterTimeoutMs
  }

  function stateOf(claims: readonly ReadClaim[]): State {
    const wishes = claims.filter((claim) => !isAllocated(claim)).map((claim) => wishOf(claim, classes))
    return {
      ...emptyState,
      claims,
      wishes,
      slices: new SliceIndex(wishes.length === 0 ? [] : slices.list()),
      taken: takenBy(wishes.length === 0 ? [] : known.allocations()),
      found: new Map(),
      unavailable: new Set(),
      decided: new Map(),
    }
  }

  function willNotBeBound(claim: ReadClaim): boolean {
    const ready = readiness(claim)
    return typeof ready === 'string' || (!ready && isLate(claim, clock.now(), args.bindingTimeoutMs))
  }
}

const emptyState: State = {
  claims: [],
  wishes: [],
  slices: new SliceIndex([]),
  taken: { whole: new Set(), shared: new Map() },
  found: new Map(),
  unavailable: new Set(),
  decided: new Map(),
}

/** Looks for devices on a node, and remembers what it found. */
function search({ wishes, slices, taken, found }: State, { name, node }: NodeInfo, isTooLong: () => boolean) {
  const pools = slices.poolsFor(node)
  const picks = findDevices({ node, pools, wishes, taken, isTooLong })
  if (picks === undefined) return pools.some((pool) => pool.state === 'invalid') ? BAD_POOLS : NOT_GIVEN
  found.set(
    name,
    picks.map((each) => [...each]),
  )
  return fits
}

const allocatedRequests = ({ status }: ReadClaim): readonly string[] =>
  (status?.allocation?.devices?.results ?? []).map(({ request }) => request)

/** How much the alternatives that a claim got are worth: the first of a request the most. */
function preference({ spec }: ReadClaim, names: ReadonlySet<string>): number {
  let sum = 0
  for (const { name, firstAvailable = [] } of spec.devices?.requests ?? []) {
    firstAvailable.forEach((choice, at) => {
      if (names.has(`${name}/${choice.name}`)) sum += MAX_ALTERNATIVES - at
    })
  }
  return sum
}
