/** How long a Job waits before it replaces a failed Pod (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy). Pure. */

import { podCondition } from '../../api/core/v1/pod/facts.ts'
import { fromTime } from '../../base/clock.ts'
import type { ReadPod } from '../kit/pods.ts'

const FIRST_MS = 10_000
const LONGEST_MS = 600_000

/** Failures in a row, without a success in between. */
export interface FailureStreak {
  readonly failures: number
  readonly lastAt: number
}

export const NO_FAILURES: FailureStreak = { failures: 0, lastAt: 0 }

/** The streak after Pods have ended, in the order in which they ended. */
export function streakAfter(
  before: FailureStreak,
  ended: readonly { readonly pod: ReadPod; readonly outcome: 'succeeded' | 'failed' }[],
  now: number,
): FailureStreak {
  return ended
    .map(({ pod, outcome }) => ({ outcome, at: endOf(pod) ?? now }))
    .toSorted((a, b) => a.at - b.at)
    .reduce<FailureStreak>(
      (streak, { outcome, at }) =>
        outcome === 'succeeded' ? NO_FAILURES : { failures: streak.failures + 1, lastAt: Math.max(at, streak.lastAt) },
      before,
    )
}

/** Milliseconds until the next Pod may be made. */
export function remainingWait({ failures, lastAt }: FailureStreak, now: number): number {
  if (failures === 0) return 0
  const delay = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 30), LONGEST_MS)
  return Math.max(0, lastAt + delay - now)
}

/** When the Pod's last container ended, as well as can be told. */
export function endOf(pod: ReadPod): number | undefined {
  const ends = (pod.status?.containerStatuses ?? [])
    .map(({ state }) => fromTime(state?.terminated?.finishedAt))
    .filter((time) => time !== undefined)
  if (ends.length > 0) return Math.max(...ends)
  return fromTime(podCondition(pod, 'Ready')?.lastTransitionTime) ?? fromTime(pod.metadata.deletionTimestamp)
}
