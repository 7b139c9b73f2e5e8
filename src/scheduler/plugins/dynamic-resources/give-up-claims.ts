/** When no node fits: gives up devices that keep the Pod away from all of them. */

import type { PostFilterAnswer } from '../../framework/plugin.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { removeClaim } from './bind-extended.ts'
import { freeClaim } from './binding.ts'
import type { DynamicResourcesDeps } from './parts.ts'
import type { State } from './state.ts'

/** One claim at a time, and none that another Pod uses. */
export async function giveUpClaims(
  deps: DynamicResourcesDeps,
  of: State,
  pod: PodInfo,
  signal: AbortSignal,
): Promise<PostFilterAnswer> {
  if (of.claims.length + of.resources.length === 0) return { message: 'no new claims to deallocate' }
  for (const claim of of.unavailable) {
    if ((claim.status?.reservedFor ?? []).some((holder) => holder.uid !== pod.uid)) continue
    await freeClaim(deps, claim, signal)
    return { message: 'deallocation of ResourceClaim completed' }
  }
  if (of.left === undefined) return { message: 'still not schedulable' }
  await removeClaim(deps, of.left, signal)
  return { message: 'deletion of ResourceClaim completed' }
}
