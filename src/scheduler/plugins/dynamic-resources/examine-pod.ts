/** Looks at a Pod's claims once, before any node: whether all are there and free, and what they ask for. */

import { keyOf } from '../../../meta/keys.ts'
import type { Cycle } from '../../framework/cycle.ts'
import type { PreFilterAnswer } from '../../framework/plugin.ts'
import { fits, skip } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { claimsOf, isAllocated, isFull, isReserved, missingClasses, type ReadClaim } from './claims.ts'
import { deviceResourcesOf, leftClaim } from './extended.ts'
import { type Parts, refused } from './parts.ts'
import { emptyState, state, stateOf } from './state.ts'

export function examinePod(parts: Parts, cycle: Cycle, info: PodInfo): PreFilterAnswer {
  const { deps, known } = parts
  const { pod } = info
  const claims = claimsOf(pod, known)
  cycle.set(state, emptyState)
  if (typeof claims === 'string') return { verdict: refused(claims) }
  const resources = deviceResourcesOf(info, deps.classFor)
  if (claims.length + resources.length === 0) return { verdict: skip }
  const left = resources.length === 0 ? undefined : leftClaim(info, deps.claims.list(pod.metadata.namespace))
  for (const claim of left === undefined ? claims : [...claims, left]) {
    const why = refusalOf(parts, info, claim, left)
    if (why !== undefined) return { verdict: refused(why) }
  }
  cycle.set(state, stateOf(parts, { claims, resources, left }))
  return { verdict: fits }
}

/** Why a claim keeps the Pod from every node. One that an earlier try left behind goes anyway. */
function refusalOf(
  { deps, known }: Parts,
  { uid }: PodInfo,
  claim: ReadClaim,
  left: ReadClaim | undefined,
): string | undefined {
  if (isAllocated(claim)) return isFull(claim) && !isReserved(claim, uid) ? 'resourceclaim in use' : undefined
  if (claim === left) return undefined
  if (known.isPromised(claim)) return `resource claim ${keyOf(claim)} is in the process of being allocated`
  return missingClasses(claim, deps.classes)[0]
}
