/** How long Pods may keep devices that are tainted (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations). Pure. */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import type { DeviceTaint, DeviceToleration, ResourceClaim, ResourceSlice } from '../../api/generated/resource-v1.ts'
import { toleratesDeviceTaint } from '../../api/resource/v1/device-taints.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isControlledBy } from '../../meta/owner.ts'
import { uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'

export type ReadClaim = DeepReadonly<ResourceClaim>
export type ReadSlice = DeepReadonly<ResourceSlice>
type ReadTaint = DeepReadonly<DeviceTaint>

export interface Known {
  readonly claim: (key: string) => ReadClaim | undefined
  /** The taints of a device, by its driver, pool and name. */
  readonly taints: (driver: string, pool: string, device: string) => readonly ReadTaint[]
  readonly now: number
}

/** When the Pod must go, in milliseconds since the epoch; undefined when it may stay for good. */
export function evictionTime(pod: ReadPod, known: Known): number | undefined {
  if (pod.spec?.nodeName === undefined) return undefined
  const times = claimsHeldBy(pod, known).flatMap((claim) => departures(claim, known))
  return times.length === 0 ? undefined : Math.min(...times)
}

/** The claims that are reserved for the Pod. */
function claimsHeldBy(pod: ReadPod, { claim: find }: Known): readonly ReadClaim[] {
  return podClaimsOf(pod).flatMap((podClaim) => {
    const named = claimNameOf(pod, podClaim)
    const claim = typeof named === 'string' ? undefined : find(`${pod.metadata.namespace ?? ''}/${named.name}`)
    if (claim === undefined || typeof named === 'string') return []
    const isHeld = (claim.status?.reservedFor ?? []).some(({ uid }) => uid === uidOf(pod))
    return isHeld && (!named.isMade || isControlledBy(claim, pod)) ? [claim] : []
  })
}

/** When each taint of the claim's devices drives its Pods away. */
function departures({ status }: ReadClaim, { taints, now }: Known): readonly number[] {
  return (status?.allocation?.devices?.results ?? []).flatMap(({ driver, pool, device, tolerations = [] }) =>
    taints(driver, pool, device)
      .filter(({ effect }) => effect === 'NoExecute')
      .flatMap((taint) => departure(taint, tolerations, now) ?? []),
  )
}

/** Of several tolerations the shortest counts; one without a limit tolerates for good. */
function departure(
  taint: ReadTaint,
  tolerations: readonly DeepReadonly<DeviceToleration>[],
  now: number,
): number | undefined {
  const since = fromTime(taint.timeAdded) ?? now
  const matching = tolerations.filter((each) => each.effect === 'NoExecute' && toleratesDeviceTaint(each, taint))
  if (matching.length === 0) return since
  const limits = matching.map(({ tolerationSeconds }) => tolerationSeconds)
  if (limits.includes(undefined)) return undefined
  return since + Math.max(0, Math.min(...limits.map(Number))) * 1000
}
