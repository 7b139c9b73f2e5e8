/** How long a Pod may stay on a tainted node (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). Pure. */

import type { Taint, Toleration } from '../../api/generated/core-v1.ts'
import { toleratesTaint } from '../../api/core/v1/pod/tolerations.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

type ReadTaint = DeepReadonly<Taint>
type ReadToleration = DeepReadonly<Toleration>

/** When the Pod must go, in milliseconds since the epoch; undefined when it may stay for good. */
export function evictionTime(
  taints: readonly ReadTaint[],
  tolerations: readonly ReadToleration[],
  now: number,
): number | undefined {
  const times = taints
    .filter((taint) => taint.effect === 'NoExecute')
    .map((taint) => departure(taint, tolerations, now))
    .filter((time) => time !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Of several tolerations of one taint the shortest counts; one without a limit sets none. */
function departure(taint: ReadTaint, tolerations: readonly ReadToleration[], now: number): number | undefined {
  const matching = tolerations.filter((toleration) => toleratesTaint(toleration, taint))
  if (matching.length === 0) return now
  const limits = matching.map(({ tolerationSeconds }) => tolerationSeconds).filter((seconds) => seconds !== undefined)
  if (limits.length === 0) return undefined
  return (fromTime(taint.timeAdded) ?? now) + Math.max(0, Math.min(...limits)) * 1000
}
