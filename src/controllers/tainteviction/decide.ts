/** How long a Pod may stay on a tainted node (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). Pure. */

import type { Taint, Toleration } from '../../api/generated/core-v1.ts'
import { toleratesTaint } from '../../api/core/v1/pod/tolerations.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

type ReadTaint = DeepReadonly<Taint>
type ReadToleration = DeepReadonly<Toleration>

/** What a node's taints mean for a Pod: nothing, or that it goes at once, or after so long. */
export type Verdict = 'stays' | 'goes' | { readonly afterMs: number }

/** Each taint is met by the first toleration that matches it; the shortest of their limits counts. */
export function verdictOn(taints: readonly ReadTaint[], tolerations: readonly ReadToleration[]): Verdict {
  const limits: number[] = []
  for (const taint of taints.filter(({ effect }) => effect === 'NoExecute')) {
    const toleration = tolerations.find((candidate) => toleratesTaint(candidate, taint))
    if (toleration === undefined) return 'goes'
    if (toleration.tolerationSeconds !== undefined) limits.push(Math.max(0, toleration.tolerationSeconds))
  }
  return limits.length === 0 ? 'stays' : { afterMs: Math.min(...limits) * 1000 }
}
