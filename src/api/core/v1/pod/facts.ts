/** What follows from a Pod as it is: pure questions that several parts ask. */

import { fromTime } from '../../../../base/clock.ts'
import { findCondition } from '../../../../meta/conditions.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Container, Pod, PodCondition } from '../../../generated/core-v1.ts'

type SharedPod = DeepReadonly<Pod>

/** Whether the Pod has ended for good (`Succeeded` or `Failed`). */
export function isTerminal(pod: SharedPod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

export function isTerminating(pod: SharedPod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

/** Not ended and not on its way out: what controllers count as a replica. */
export function isActive(pod: SharedPod): boolean {
  return !isTerminal(pod) && !isTerminating(pod)
}

export function podCondition(pod: SharedPod, type: string): DeepReadonly<PodCondition> | undefined {
  return findCondition(pod.status?.conditions ?? [], type)
}

export function isPodReady(pod: SharedPod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** Ready for at least `minReadySeconds` at `now` (milliseconds since the epoch). */
export function isPodAvailable(pod: SharedPod, minReadySeconds: number, now: number): boolean {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  const since = fromTime(ready.lastTransitionTime)
  return since !== undefined && since + minReadySeconds * 1000 <= now
}

/** A sidecar: an init container that keeps running beside the app containers. */
export function isSidecar(container: DeepReadonly<Container>): boolean {
  return container.restartPolicy === 'Always'
}
