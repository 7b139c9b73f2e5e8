/** What becomes of a Job now: how its Pods are counted, whether it ends, which Pods it makes and removes. Pure. */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import { isDeleting } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type FailureStreak, streakAfter } from './backoff.ts'
import { countAllAsFailed, countEnds, type JobCount } from './count.ts'
import { activePods, type ReadJob, terminatingPods } from './facts.ts'
import { decideFinish, type Finish } from './finish.ts'
import type { StatusFacts } from './status.ts'
import { planWork, type WorkPlan } from './work-plan.ts'

export interface JobView {
  readonly job: ReadJob
  /** All Pods that are the Job's. */
  readonly pods: readonly ReadPod[]
  readonly now: number
}

export interface JobVerdict {
  readonly count: JobCount
  /** Failures in a row, with those that were counted now. */
  readonly streak: FailureStreak
  /** The end the Job is heading for, if any. */
  readonly finish: Finish | undefined
  readonly plan: WorkPlan
  /** The Pods that are to be deleted. */
  readonly stop: readonly ReadPod[]
}

const IDLE: WorkPlan = { create: [], remove: [], waitMs: undefined }

/** `before` are the failures in a row until now. */
export function decideJob({ job, pods, now }: JobView, before: FailureStreak): JobVerdict {
  const ends = countEnds(job, pods)
  const streak = streakAfter(before, ends.news, now)
  const finish = decideFinish({ job, pods, count: ends, now })
  const count = finish?.type === 'FailureTarget' ? countAllAsFailed(job, pods) : ends
  const plan = finish === undefined && !isDeleting(job) ? planWork({ job, pods, count, streak, now }) : IDLE
  const stop = finish === undefined ? plan.remove : activePods(pods)
  return { count, streak, finish, plan, stop }
}

/** What is to be reported once the verdict was carried out, or failed to be. */
export function factsAfter({ job, pods, now }: JobView, verdict: JobVerdict, hasFailed: boolean): StatusFacts {
  const { count, finish, plan, stop } = verdict
  const running = activePods(pods).filter((pod) => hasFailed || !stop.includes(pod))
  return {
    job,
    count,
    finish,
    active: running.length + (hasFailed ? 0 : plan.create.length),
    ready: running.filter(isPodReady).length,
    terminating: terminatingPods(pods).length + (hasFailed ? 0 : stop.length),
    now,
  }
}
