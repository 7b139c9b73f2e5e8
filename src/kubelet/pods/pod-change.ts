/** Which changes of a Pod the kubelet has something to do about. Pure. */

import { type PodView, specOf } from './pod-view.ts'

/** Whether there is more to the change than a status, which is mostly our own. */
export function differs(old: PodView, pod: PodView): boolean {
  const [a, b] = [old.metadata, pod.metadata]
  return (
    a.generation !== b.generation ||
    a.generation === undefined ||
    a.deletionTimestamp !== b.deletionTimestamp ||
    a.deletionGracePeriodSeconds !== b.deletionGracePeriodSeconds ||
    JSON.stringify([a.labels, a.annotations]) !== JSON.stringify([b.labels, b.annotations]) ||
    (specOf(pod).readinessGates ?? []).length > 0
  )
}
