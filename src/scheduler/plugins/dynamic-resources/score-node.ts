/** How much the devices of a node are worth, where requests name alternatives (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#prioritized-list). Pure. */

import type { ReadClaim } from './claims.ts'
import type { State } from './state.ts'

/** So many alternatives a request may have; the first is worth the most. */
const MAX_ALTERNATIVES = 8

/** The worth of what the claims have, or were found there. */
export function scoreNode({ claims, wishes, found }: State, nodeName: string): number {
  const decided = found.get(nodeName)?.picks ?? []
  return claims.reduce((sum, claim) => {
    const at = wishes.findIndex((wish) => wish.claim === claim)
    const names = at < 0 ? allocatedRequests(claim) : (decided[at] ?? []).map(({ request }) => request)
    return sum + preference(claim, new Set(names))
  }, 0)
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
