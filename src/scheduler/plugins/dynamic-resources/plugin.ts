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
import type { ClassFor } from '../../framework/extended-resources.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { bindClaim, type BindDeps, freeClaim, hasConditions, isLate, readiness, waitUntilBound } from './binding.ts'
import { claimsOf, isAllocated, isFull, isReserved, missingClasses, namesClaim, type ReadClaim } from './claims.ts'
import { type Wish, wishOf } from './demands.ts'
import { bindExtended, removeClaim } from './bind-extended.ts'
import { claimForNode, deviceResourcesOf, leftClaim, type NodeClaim } from './extended.ts'
import { SliceIndex } from './pools.ts'
import { allocationOf } from './result.ts'
import { findDevices, type Pick } from './search.ts'
import { type Allocation, KnownClaims, type Taken, takenBy } from './taken.ts'

export interface DynamicResourcesDeps extends BindDeps {
  readonly random: Random
  readonly claims: Lister<ResourceClaim>
  readonly classes: Lister<DeviceClass>
  readonly slices: Lister<ResourceSlice>
  /** The class of devices behind an extended resource. */
  readonly classFor: ClassFor
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
  readonly found: Map<string, Found>
  /** The Pod's extended resources, where devices stand behind any of them. */
  readonly resources: readonly string[]
  /** The claim for them that an earlier try left behind: it has to go first. */
  readonly left: ReadClaim | undefined
  /** Allocated claims that keep the Pod from some node. */
  readonly unavailable: Set<ReadClaim>
  /** What was decided, by claim. */
  readonly decided: Map<ReadClaim, Allocation>
}

/** What a node has for each wish, and the claim for extended resources, whose wish is the last. */
interface Found {
  readonly wishes: readonly Wish[]
  readonly picks: readonly (readonly Pick[])[]
  readonly extended: NodeClaim | undefined
}

const state = cycleKey<State>('DynamicResources')
const FOR_GOOD = { evictionMayHelp: false }
const NOT_THERE = rejected('resourceclaim not available on the node', FOR_GOOD)
const NOT_GIVEN = rejected('cannot allocate all claims', FOR_GOOD)
const LEFT_BEHIND = rejected('cannot schedule extended resource claim', FOR_GOOD)
const BAD_POOLS = rejected('invalid resource pools were encountered', FOR_GOOD)
const DEFAULT_ARGS: PluginArgs['DynamicResources'] = { filterTimeoutMs: 10_000, bindingTimeoutMs: 600_000 }
/** So many alternatives a request may have; the first is worth the most. */
const MAX_ALTERNATIVES = 8

export function dynamicResources(deps: DynamicResourcesDeps, args = DEFAULT_ARGS): SchedulerPlugin {
  const { classes, classFor, slices, clock, random } = deps
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

    preFilter(cycle, info) {
      const { pod, uid } = info
      const claims = claimsOf(pod, known)
      cycle.set(state, emptyState)
      if (typeof claims === 'string') return { verdict: rejected(claims, FOR_GOOD) }
      const resources = deviceResourcesOf(info, classFor)
      if (claims.length + resources.length === 0) return { verdict: skip }
      const left = resources.length === 0 ? undefined : leftClaim(info, deps.claims.list(pod.metadata.namespace))
      for (const claim of left === undefined ? claims : [...claims, left]) {
        if (isAllocated(claim)) {
          if (isFull(claim) && !isReserved(claim, uid)) return { verdict: rejected('resourceclaim in use', FOR_GOOD) }
          continue
        }
        if (claim === left) continue // it goes anyway
        if (known.isPromised(claim)) {
          const words = `resource claim ${keyOf(claim)} is in the process of being allocated`
          return { verdict: rejected(words, FOR_GOOD) }
        }
        const [lacking] = missingClasses(claim, classes)
        if (lacking !== undefined) return { verdict: rejected(lacking, FOR_GOOD) }
      }
      cycle.set(state, { ...stateOf(claims, resources), resources, left })
      return { verdict: fits }
    },

    filter(cycle, pod, info) {
      const of = cycle.get(state) ?? emptyState
      if (of.left !== undefined) return LEFT_BEHIND
      const { node } = info
      const unavailable = of.claims.filter((claim) => {
        const { nodeSelector } = claim.status?.allocation ?? {}
        if (nodeSelector !== undefined && !matchesNodeSelector(nodeSelector, node)) return true
        return isAllocated(claim) && willNotBeBound(claim)
      })
      const extended = claimForNode(pod, info, of.resources, classFor)
      const wishes = extended === undefined ? of.wishes : [...of.wishes, wishOf(extended.claim, classes)]
      const verdict = wishes.length === 0 ? fits : search({ ...of, wishes }, info, extended, isTooLong())
      if (verdict.kind === 'rejected' || unavailable.length === 0) return verdict
      for (const claim of unavailable) of.unavailable.add(claim)
      return NOT_THERE
    },

    async postFilter({ cycle, pod }, signal) {
      const of = cycle.get(state)
      // Another plugin refused the Pod before this one looked at it: these are Kubernetes's words for that.
      if (of === undefined) throw new Error('not found')
      if (of.claims.length + of.resources.length === 0) return { message: 'no new claims to deallocate' }
      for (const claim of of.unavailable) {
        if ((claim.status?.reservedFor ?? []).some((holder) => holder.uid !== pod.uid)) continue
        await freeClaim(deps, claim, signal)
        return { message: 'deallocation of ResourceClaim completed' }
      }
      if (of.left === undefined) return { message: 'still not schedulable' }
      await removeClaim(deps, of.left, signal)
      return { message: 'deletion of ResourceClaim completed' }
    },

    preScore: (cycle) => ((cycle.get(state)?.claims.length ?? 0) === 0 ? skip : undefined),

    score(cycle, _pod, { name }) {
      const { claims, wishes, found } = cycle.get(state) ?? emptyState
      const decided = found.get(name)?.picks ?? []
      return claims.reduce((sum, claim) => {
        const at = wishes.findIndex((wish) => wish.claim === claim)
        const names = at < 0 ? allocatedRequests(claim) : (decided[at] ?? []).map(({ request }) => request)
        return sum + preference(claim, new Set(names))
      }, 0)
    },

    reserve(cycle, _pod, nodeName) {
      const of = cycle.get(state) ?? emptyState
      const found = of.found.get(nodeName)
      if (found === undefined) {
        return of.wishes.length === 0 ? fits : rejected('claim allocation not found for node', FOR_GOOD)
      }
      found.wishes.forEach((wish, at) => {
        const allocation = allocationOf(wish, found.picks[at] ?? [], { nodeName, random })
        of.decided.set(wish.claim, allocation)
        known.promise(wish.claim, allocation)
      })
      return fits
    },

    unreserve(cycle) {
      for (const claim of cycle.get(state)?.decided.keys() ?? []) known.takeBack(claim)
    },

    preBindNeeded(cycle, _pod, nodeName) {
      const of = cycle.get(state) ?? emptyState
      return of.claims.length > 0 || of.found.get(nodeName)?.extended !== undefined
    },

    async preBind(cycle, pod, nodeName, signal) {
      const { claims, decided, found } = cycle.get(state) ?? emptyState
      const extended = found.get(nodeName)?.extended
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
      if (extended !== undefined) {
        const allocation = decided.get(extended.claim)
        bound.push(await bindExtended(deps, { extended, allocation, pod }, signal))
        known.takeBack(extended.claim)
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

  function stateOf(claims: readonly ReadClaim[], resources: readonly string[]): State {
    const wishes = claims.filter((claim) => !isAllocated(claim)).map((claim) => wishOf(claim, classes))
    const mayWish = wishes.length + resources.length > 0
    return {
      ...emptyState,
      claims,
      wishes,
      slices: new SliceIndex(mayWish ? slices.list() : []),
      taken: takenBy(mayWish ? known.allocations() : []),
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
  resources: [],
  left: undefined,
  slices: new SliceIndex([]),
  taken: { whole: new Set(), shared: new Map() },
  found: new Map(),
  unavailable: new Set(),
  decided: new Map(),
}

/** Looks for devices on a node, and remembers what it found. */
function search(
  { wishes, slices, taken, found }: State,
  { name, node }: NodeInfo,
  extended: NodeClaim | undefined,
  isTooLong: () => boolean,
) {
  const pools = slices.poolsFor(node)
  const picks = findDevices({ node, pools, wishes, taken, isTooLong })
  if (picks === undefined) return pools.some((pool) => pool.state === 'invalid') ? BAD_POOLS : NOT_GIVEN
  found.set(name, { wishes, extended, picks: picks.map((each) => [...each]) })
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
