/** Says in a Pod's status why it is about to be removed (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions). */

import type { PodCondition, PodStatus } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { podCondition, type ReadPod } from './pods.ts'

/** The status with the condition DisruptionTarget. */
export function disrupted(pod: ReadPod, reason: string, message: string, now: number): DeepReadonly<PodStatus> {
  const before = podCondition(pod, 'DisruptionTarget')
  if (before?.status === 'True' && before.reason === reason) return pod.status ?? {}
  const others = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'DisruptionTarget')
  const { generation } = pod.metadata
  const condition: DeepReadonly<PodCondition> = {
    type: 'DisruptionTarget',
    status: 'True',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: toTime(now),
    reason,
    message,
  }
  return { ...pod.status, conditions: [...others, condition] }
}
