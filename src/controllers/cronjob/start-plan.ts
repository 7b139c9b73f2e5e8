/** Whether a Job is started now, and what is told about it (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy). Pure. */

import { toTime } from '../../base/clock.ts'
import type { Status } from './active.ts'
import type { Due, ReadCronJob } from './due.ts'
import { jobName } from './make-job.ts'

export interface Note {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface StartPlan {
  readonly notes: readonly Note[]
  /** The due time of the Job to start. */
  readonly start: number | undefined
}

/** `status` lists the Jobs that are active now. */
export function planStart(cronJob: ReadCronJob, status: Status, found: Due, now: number): StartPlan {
  const notes = notesOf(cronJob, found)
  const { due } = found
  if (due === undefined) return { notes, start: undefined }
  const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec
  if (startingDeadlineSeconds !== undefined && due + startingDeadlineSeconds * 1000 < now) {
    const message = `Missed scheduled time to start a job: ${toTime(due)}`
    return { notes: [...notes, { type: 'Warning', reason: 'MissSchedule', message }], start: undefined }
  }
  const { active = [] } = status
  if (active.some(({ name }) => name === jobName(cronJob, due))) return { notes, start: undefined }
  if (concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    return { notes: [...notes, { type: 'Normal', reason: 'JobAlreadyActive', message }], start: undefined }
  }
  return { notes, start: due }
}

/** What is wrong with the schedule, or with how it was kept. */
function notesOf({ spec }: ReadCronJob, { due, next, missedMany }: Due): readonly Note[] {
  const notes: Note[] = []
  if (due === undefined && next === undefined) {
    const message = `invalid schedule: ${spec.schedule} : time difference between two schedules is less than 1 second`
    notes.push({ type: 'Warning', reason: 'InvalidSchedule', message })
  }
  if (missedMany) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    notes.push({ type: 'Warning', reason: 'TooManyMissedTimes', message })
  }
  return notes
}
