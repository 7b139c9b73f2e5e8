/** Facts of Pods that controllers ask for (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/). */

import { fromTime } from '../../base/clock.ts'
import type { Pod, PodCondition } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

export type ReadPod = DeepReadonly<Pod>

/** The condition of that type, if the Pod has it. */
export function podCondition(pod: ReadPod, type: string): DeepReadonly<PodCondition> | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type)
}

/** Whether the Pod's containers will never run again. */
export function isFinished(pod: ReadPod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Whether the Pod is neither finished nor being deleted. */
export function isActive(pod: ReadPod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined
}

/** Whether the Pod is being deleted and has not finished yet. */
export function isTerminating(pod: ReadPod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined
}

export function isReady(pod: ReadPod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** Whether the Pod has been ready for at least `minReadySeconds`. */
export function isAvailable(pod: ReadPod, minReadySeconds: number, now: number): boolean {
  if (!isReady(pod)) return false
  if (minReadySeconds === 0) return true
  const since = fromTime(podCondition(pod, 'Ready')?.lastTransitionTime)
  return since !== undefined && since + minReadySeconds * 1000 <= now
}

/** Milliseconds until the first ready but not yet available of the Pods becomes available; undefined when there is none. */
export function nextAvailability(pods: readonly ReadPod[], minReadySeconds: number, now: number): number | undefined {
  const waits = pods
    .filter((pod) => isReady(pod) && !isAvailable(pod, minReadySeconds, now))
    .map((pod) => (fromTime(podCondition(pod, 'Ready')?.lastTransitionTime) ?? now) + minReadySeconds * 1000 - now)
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits))
}

/** The keys of the claims the Pod mounts. */
export function claimKeysOf({ metadata, spec }: ReadPod): readonly string[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) {
      return [`${metadata.namespace}/${volume.persistentVolumeClaim.claimName}`]
    }
    return volume.ephemeral === undefined ? [] : [`${metadata.namespace}/${metadata.name}-${volume.name}`]
  })
}
