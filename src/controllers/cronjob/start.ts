/** Starts the Job that is due. */

import { type Clock, toTime } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Job } from '../../api/generated/batch-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { Status } from './active.ts'
import { type ReadCronJob, untilWake, whatIsDue } from './due.ts'
import { createJob, type JobControlDeps, removeJob } from './job-control.ts'
import { type Appointment, referenceTo } from './make-job.ts'
import { readSchedule } from './read-schedule.ts'
import { planStart } from './start-plan.ts'

export interface StartDeps extends JobControlDeps {
  readonly clock: Clock
  readonly jobs: Informer<Job>
}

/** The status with the Job that was started, and when to look again. */
export interface Started {
  readonly status: Status
  readonly outcome: Outcome
}

/** `status` lists the Jobs that are active now. */
export async function startWhatIsDue(
  deps: StartDeps,
  cronJob: ReadCronJob,
  status: Status,
  signal: AbortSignal,
): Promise<Started> {
  const { events } = deps
  const read = cronJob.spec.suspend === true ? undefined : readSchedule(events, cronJob)
  if (read === undefined) return { status, outcome: settled }
  const now = deps.clock.now()
  const found = whatIsDue(cronJob, read.schedule, read.wall, now)
  const { notes, start } = planStart(cronJob, status, found, now)
  for (const { type, reason, message } of notes) events.event(cronJob, type, reason, message)
  const outcome = found.next === undefined ? settled : again(untilWake(found.next, now))
  if (start === undefined) return { status, outcome }
  const at = { due: start, wall: read.wall }
  return { status: await started(deps, { cronJob, status, at }, signal), outcome }
}

/** What is to be started, and what runs. */
interface Start {
  readonly cronJob: ReadCronJob
  readonly status: Status
  readonly at: Appointment
}

/** With `concurrencyPolicy: Replace` what runs is stopped before. Returns the status with the new Job. */
async function started(deps: StartDeps, { cronJob, status, at }: Start, signal: AbortSignal): Promise<Status> {
  const isReplacing = cronJob.spec.concurrencyPolicy === 'Replace'
  if (isReplacing) await stopActive(deps, cronJob, status, signal)
  const job = await createJob(deps, cronJob, at, signal)
  if (job === undefined) return status
  const { active = [], ...rest } = status
  const running = isReplacing ? [] : active
  return { ...rest, active: [...running, referenceTo(job)], lastScheduleTime: toTime(at.due) }
}

async function stopActive(
  deps: StartDeps,
  cronJob: ReadCronJob,
  { active = [] }: Status,
  signal: AbortSignal,
): Promise<void> {
  for (const { namespace, name } of active) {
    const job = deps.jobs.get(`${namespace}/${name}`)
    if (job !== undefined) await removeJob(deps, cronJob, job, signal)
  }
}
