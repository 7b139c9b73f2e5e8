/** Whether a CronJob must start a Job now (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). Pure. */

import type { CronJob, Job } from '../../api/generated/batch-v1.ts'
import type { Schedule } from '../../api/batch/v1/cronjob/schedule.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { nextTime, type WallClock } from './next-time.ts'

export type ReadCronJob = DeepReadonly<CronJob>
export type ReadJob = DeepReadonly<Job>

/** Beyond this many missed times somebody should be told. */
const MANY = 100
/** Wakes a little late rather than a little early. */
const SLACK_MS = 100

export interface Due {
  /** The latest time that has come and was not served; undefined when none has. */
  readonly due: number | undefined
  /** The first time still to come. */
  readonly next: number | undefined
  readonly missedMany: boolean
}

/** How long to sleep until a time that is still to come. */
export const untilWake = (next: number, now: number): number => next - now + SLACK_MS

/** Looks from the last time served, but not back beyond the starting deadline. */
export function whatIsDue(cronJob: ReadCronJob, schedule: Schedule, wall: WallClock, now: number): Due {
  const { startingDeadlineSeconds } = cronJob.spec
  const served = fromTime(cronJob.status?.lastScheduleTime) ?? fromTime(cronJob.metadata.creationTimestamp) ?? now
  const horizon = startingDeadlineSeconds === undefined ? served : now - startingDeadlineSeconds * 1000
  const next = nextTime(schedule, now, wall)
  const first = nextTime(schedule, Math.max(served, horizon), wall)
  if (first === undefined || first > now) return { due: undefined, next, missedMany: false }
  return { ...latest(schedule, first, wall, now), next }
}

function latest(schedule: Schedule, first: number, wall: WallClock, now: number): Omit<Due, 'next'> {
  if (schedule.kind === 'every') {
    const steps = Math.floor((now - first) / schedule.ms)
    return { due: first + steps * schedule.ms, missedMany: steps > MANY }
  }
  let due = first
  let missed = 0
  for (let at = nextTime(schedule, first, wall); at !== undefined && at <= now; at = nextTime(schedule, due, wall)) {
    due = at
    missed++
    if (missed > MANY) return { due: lastBefore(schedule, due, wall, now), missedMany: true }
  }
  return { due, missedMany: false }
}

/** After a long sleep: jumps close to now instead of counting every minute of a year. */
function lastBefore(schedule: Schedule, from: number, wall: WallClock, now: number): number {
  for (let back = 60_000; now - back > from; back *= 2) {
    let at = nextTime(schedule, now - back, wall)
    if (at === undefined || at > now) continue
    for (
      let later = nextTime(schedule, at, wall);
      later !== undefined && later <= now;
      later = nextTime(schedule, at, wall)
    ) {
      at = later
    }
    return at
  }
  return from
}

/** The Jobs beyond the history limits, the oldest first. */
export function surplusJobs(cronJob: ReadCronJob, jobs: readonly ReadJob[]): readonly ReadJob[] {
  const { successfulJobsHistoryLimit: successful = 3, failedJobsHistoryLimit: failed = 1 } = cronJob.spec
  const beyond = (ended: 'Complete' | 'Failed', limit: number) => {
    const those = jobs.filter((job) => endedAs(job) === ended)
    const started = (job: ReadJob) => fromTime(job.status?.startTime) ?? 0
    return those.toSorted((a, b) => started(a) - started(b)).slice(0, Math.max(0, those.length - limit))
  }
  return [...beyond('Complete', successful), ...beyond('Failed', failed)]
}

/** How the Job ended; undefined while it has not. */
export function endedAs(job: ReadJob): 'Complete' | 'Failed' | undefined {
  for (const { type, status } of job.status?.conditions ?? []) {
    if (status === 'True' && (type === 'Complete' || type === 'Failed')) return type
  }
  return undefined
}
