/** Takes the devices that were found on a node, so that no other Pod is given them meanwhile. */

import { fits, type Verdict } from '../../framework/verdict.ts'
import { type Parts, refused } from './parts.ts'
import { allocationOf } from './result.ts'
import type { State } from './state.ts'

export function reserveDevices({ deps: { random }, known }: Parts, of: State, nodeName: string): Verdict {
  const found = of.found.get(nodeName)
  if (found === undefined) return of.wishes.length === 0 ? fits : refused('claim allocation not found for node')
  found.wishes.forEach((wish, at) => {
    const allocation = allocationOf(wish, found.picks[at] ?? [], { nodeName, random })
    of.decided.set(wish.claim, allocation)
    known.promise(wish.claim, allocation)
  })
  return fits
}
