/** Writes down whose the devices are, and waits until they can be used. */

import { keyOf } from '../../../meta/keys.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { bindExtended } from './bind-extended.ts'
import { bindClaim, hasConditions, waitUntilBound } from './binding.ts'
import { isReserved, type ReadClaim } from './claims.ts'
import type { Parts } from './parts.ts'
import type { State } from './state.ts'

/** A Pod on its way to a node. */
export interface Placed {
  readonly pod: PodInfo
  readonly nodeName: string
}

export async function bindClaims(parts: Parts, of: State, placed: Placed, signal: AbortSignal): Promise<void> {
  const { deps, args, known } = parts
  const bound = await writeClaims(parts, of, placed, signal)
  if (!bound.some(hasConditions)) return
  deps.tell(placed.pod, `waiting for binding conditions for device on node ${placed.nodeName}`)
  const newest = (claim: ReadClaim) => known.get(keyOf(claim))
  await waitUntilBound({ ...deps, claims: bound, newest, timeoutMs: args.bindingTimeoutMs }, signal)
}

/** Writes the claims that are not the Pod's yet, the one for extended resources last. Returns all of them. */
async function writeClaims(
  { deps, known }: Parts,
  { claims, decided, found }: State,
  { pod, nodeName }: Placed,
  signal: AbortSignal,
): Promise<readonly ReadClaim[]> {
  const bound: ReadClaim[] = []
  for (const claim of claims) {
    if (isReserved(claim, pod.uid)) {
      bound.push(claim)
      continue
    }
    const written = await bindClaim(deps, { claim, allocation: decided.get(claim), pod }, signal)
    known.written(written)
    bound.push(written)
  }
  const extended = found.get(nodeName)?.extended
  if (extended !== undefined) {
    const allocation = decided.get(extended.claim)
    bound.push(await bindExtended(deps, { extended, allocation, pod }, signal))
    known.takeBack(extended.claim)
  }
  return bound
}
