/** Whether a node has the devices that a Pod's claims have, or ask for. */

import { matchesNodeSelector } from '../../../api/core/v1/node/node-selector.ts'
import { fits, type Verdict } from '../../framework/verdict.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { isLate, readiness } from './binding.ts'
import { isAllocated, type ReadClaim } from './claims.ts'
import { wishOf } from './demands.ts'
import { claimForNode, type NodeClaim } from './extended.ts'
import { type Parts, refused } from './parts.ts'
import { findDevices } from './search.ts'
import type { State } from './state.ts'

const NOT_THERE = refused('resourceclaim not available on the node')
const NOT_GIVEN = refused('cannot allocate all claims')
const LEFT_BEHIND = refused('cannot schedule extended resource claim')
const BAD_POOLS = refused('invalid resource pools were encountered')

/** Remembers in the state what the node has, and which claims keep the Pod from it. */
export function filterNode(parts: Parts, of: State, pod: PodInfo, info: NodeInfo): Verdict {
  if (of.left !== undefined) return LEFT_BEHIND
  const { classes, classFor } = parts.deps
  const unavailable = of.claims.filter((claim) => isUnavailable(parts, claim, info))
  const extended = claimForNode(pod, info, of.resources, classFor)
  const wishes = extended === undefined ? of.wishes : [...of.wishes, wishOf(extended.claim, classes)]
  const verdict = wishes.length === 0 ? fits : search({ ...of, wishes }, info, extended, stopwatch(parts))
  if (verdict.kind === 'rejected' || unavailable.length === 0) return verdict
  for (const claim of unavailable) of.unavailable.add(claim)
  return NOT_THERE
}

/** Whether the claim's devices are elsewhere, or will not be ready. */
function isUnavailable({ deps, args }: Parts, claim: ReadClaim, { node }: NodeInfo): boolean {
  const { nodeSelector } = claim.status?.allocation ?? {}
  if (nodeSelector !== undefined && !matchesNodeSelector(nodeSelector, node)) return true
  if (!isAllocated(claim)) return false
  const ready = readiness(claim)
  return typeof ready === 'string' || (!ready && isLate(claim, deps.clock.now(), args.bindingTimeoutMs))
}

/** Tells whether a node has been looked at for too long, from now on. */
function stopwatch({ deps: { clock }, args: { filterTimeoutMs } }: Parts): () => boolean {
  const since = clock.monotonic()
  return () => filterTimeoutMs > 0 && clock.monotonic() - since > filterTimeoutMs
}

/** Looks for devices on a node, and remembers what it found. */
function search(
  { wishes, slices, taken, found }: State,
  { name, node }: NodeInfo,
  extended: NodeClaim | undefined,
  isTooLong: () => boolean,
): Verdict {
  const pools = slices.poolsFor(node)
  const picks = findDevices({ node, pools, wishes, taken, isTooLong })
  if (picks === undefined) return pools.some((pool) => pool.state === 'invalid') ? BAD_POOLS : NOT_GIVEN
  found.set(name, { wishes, extended, picks: picks.map((each) => [...each]) })
  return fits
}
