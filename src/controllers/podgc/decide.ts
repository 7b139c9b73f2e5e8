/** Which Pods nobody else will clean up (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection). Pure. */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import { fromTime } from '../../base/clock.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'

/** Why a Pod is removed; `disruption` is told in its status first. */
export interface Removal {
  readonly pod: ReadPod
  readonly disruption?: string
}

export interface PodGcView {
  /** Pods among which there may be any to remove. */
  readonly pods: readonly ReadPod[]
  /** Whether the node has been missing long enough to be gone for good. */
  readonly isNodeGone: (name: string) => boolean
  /** Whether an operator declared the node out of service, and it is not ready. */
  readonly isOutOfService: (name: string) => boolean
  readonly finishedLimit: number
}

export function planPodGc({ pods, isNodeGone, isOutOfService, finishedLimit }: PodGcView): readonly Removal[] {
  const removals: Removal[] = []
  const left: ReadPod[] = []
  for (const pod of pods) {
    const node = pod.spec?.nodeName ?? ''
    if (node !== '' && isDeleting(pod) && isOutOfService(node)) removals.push({ pod })
    else if (node !== '' && isNodeGone(node)) removals.push({ pod, disruption: 'PodGC: node no longer exists' })
    else if (node === '' && isDeleting(pod)) removals.push({ pod })
    else left.push(pod)
  }
  return [...removals, ...surplusFinished(left, finishedLimit)]
}

/** Of too many finished Pods those that were evicted, then the oldest. */
function surplusFinished(pods: readonly ReadPod[], limit: number): readonly Removal[] {
  const finished = pods.filter(isTerminal)
  if (limit <= 0 || finished.length <= limit) return []
  const created = (pod: ReadPod) => fromTime(pod.metadata.creationTimestamp) ?? 0
  return finished
    .toSorted(
      (a, b) =>
        Number(wasEvicted(b)) - Number(wasEvicted(a)) || created(a) - created(b) || (nameOf(a) < nameOf(b) ? -1 : 1),
    )
    .slice(0, finished.length - limit)
    .map((pod) => ({ pod }))
}

/** By its node, which was short of something: what it did is of least use to whoever made it. */
const wasEvicted = ({ status }: ReadPod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted'
