/** Says in a Pod's status why it is about to be removed (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions). */

import { podCondition } from '../../api/core/v1/pod/facts.ts'
import type { PodCondition } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { placeOf, uidOf } from './ownership.ts'
import type { ReadPod } from './pods.ts'

export interface Disruption {
  /** Told as the condition DisruptionTarget; absent: the Pod is not told of any. */
  readonly cause?: { readonly reason: string; readonly message: string }
  /** The phase to set, where nobody else will. */
  readonly phase?: 'Failed'
  readonly now: number
}

/** Writes what of it the Pod does not say yet. A Pod that is gone, or another by now, is left alone. */
export async function markDisrupted(
  client: Client,
  pod: ReadPod,
  { cause, phase, now }: Disruption,
  signal: AbortSignal,
): Promise<void> {
  const before = podCondition(pod, 'DisruptionTarget')
  const isTold = cause === undefined || (before?.status === 'True' && before.reason === cause.reason)
  const isInPhase = phase === undefined || pod.status?.phase === phase
  if (isTold && isInPhase) return
  const status = {
    ...(isInPhase ? {} : { phase }),
    ...(isTold ? {} : { conditions: [targetCondition(pod, cause, now)] }),
  }
  try {
    const body = { metadata: { uid: uidOf(pod) }, status }
    await client.patch(PODS, placeOf(pod), 'strategic', body, { subresource: 'status' }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}

function targetCondition(pod: ReadPod, cause: NonNullable<Disruption['cause']>, now: number): PodCondition {
  const { generation } = pod.metadata
  return {
    type: 'DisruptionTarget',
    status: 'True',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: toTime(now),
    ...cause,
  }
}
