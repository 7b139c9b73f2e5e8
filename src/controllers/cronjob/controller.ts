/** CronJob: starts a Job whenever its schedule says so (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). */

import type { CronJobStatus, Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { ObjectReference } from '../../api/generated/core-v1.ts'
import { parseSchedule, type Schedule } from '../../api/batch/v1/cronjob/schedule.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CRON_JOBS, JOBS } from '../../client/resources.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import { indexByController, ownedBy } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, isNamespaceTerminating, loopController } from '../kit/loop.ts'
import {
  controllerOf,
  controllerReference,
  isDeleting,
  keyOf,
  nameOf,
  placeOf,
  pointsAt,
  uidOf,
} from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { messageOf } from '../kit/pod-control.ts'
import { writeStatus } from '../kit/write-status.ts'
import { endedAs, type ReadCronJob, type ReadJob, surplusJobs, whatIsDue } from './due.ts'
import { nextTime, wallClock, type WallClock, wallTimestamp } from './next-time.ts'

const CATCH_UP_MS = 5_000
/** Wakes a little late rather than a little early. */
const SLACK_MS = 100
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

type Status = DeepReadonly<CronJobStatus>

export function cronJobController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const cronJobs = deps.informers.of(CRON_JOBS)
  const jobs = deps.informers.of(JOBS)
  const queue = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events('cronjob-controller')
  indexByController(jobs)
  const enqueue = (cronJob: ReadCronJob) => queue.add(keyOf(cronJob))
  cronJobs.on({
    added: enqueue,
    updated(cronJob, old) {
      if (sameJson(timesOf(cronJob), timesOf(old))) enqueue(cronJob)
      else queue.addAfter(keyOf(cronJob), untilNext(cronJob))
    },
    deleted: enqueue,
  })
  /** A new schedule starts with its next time: what it would have missed is not made up for at once. */
  const untilNext = (cronJob: ReadCronJob): number => {
    const read = readSchedule(cronJob)
    const now = clock.now()
    const next = read === undefined ? undefined : nextTime(read.schedule, now, read.wall)
    return next === undefined ? 0 : next - now + SLACK_MS
  }
  const wake = (job: ReadJob) => {
    ownWrites.sawCreate(keyOf(job))
    const controller = controllerOf(job)
    if (controller !== undefined && pointsAt(controller, CRON_JOBS)) {
      queue.add(`${job.metadata.namespace}/${controller.name}`)
    }
  }
  jobs.on({ added: wake, updated: wake, deleted: wake })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const cronJob = cronJobs.get(key)
    if (cronJob === undefined) {
      ownWrites.forget(key)
      return settled
    }
    if (!ownWrites.caughtUp(key) || !ownWrites.hasVersion(key, cronJob)) return again(CATCH_UP_MS)
    const children = ownedBy(jobs, uidOf(cronJob))
    const surplus = surplusJobs(cronJob, children)
    for (const job of surplus) await removeJob(cronJob, job, signal)
    const status = await followActive(cronJob, children, surplus, signal)
    const { status: after, outcome } = isDeleting(cronJob)
      ? { status, outcome: settled }
      : await start(cronJob, status, signal)
    const written = await writeStatus<Status>(
      { client, ref: CRON_JOBS, object: cronJob, status: after, onConflict: 'throw' },
      signal,
    )
    if (written !== undefined) ownWrites.expectVersion(key, written)
    return outcome
  }

  /** The status without the Jobs that have ended or vanished. What was removed right now needs no word about its end. */
  const followActive = async (
    cronJob: ReadCronJob,
    children: readonly ReadJob[],
    removed: readonly ReadJob[],
    signal: AbortSignal,
  ): Promise<Status> => {
    const { active = [], ...status } = cronJob.status ?? {}
    const kept: DeepReadonly<ObjectReference>[] = []
    let lastSuccess = fromTime(status.lastSuccessfulTime)
    for (const reference of active) {
      const job = children.find((child) => uidOf(child) === reference.uid)
      const ended = job === undefined ? undefined : endedAs(job)
      if (job !== undefined && removed.includes(job)) continue
      if (ended !== undefined) {
        const message = `Saw completed job: ${reference.name}, condition: ${ended}`
        events.event(cronJob, 'Normal', 'SawCompletedJob', message)
      } else if (job !== undefined || (await exists(reference, signal))) kept.push(reference)
      else events.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${reference.name}`)
    }
    for (const job of children) {
      const isListed = active.some((reference) => reference.uid === uidOf(job))
      if (!isListed && endedAs(job) === undefined) {
        const message = `Saw a job that the controller did not create or forgot: ${nameOf(job)}`
        events.event(cronJob, 'Warning', 'UnexpectedJob', message)
      }
      const completed = endedAs(job) === 'Complete' ? fromTime(job.status?.completionTime) : undefined
      if (completed !== undefined) lastSuccess = Math.max(lastSuccess ?? 0, completed)
    }
    return {
      ...status,
      ...(kept.length === 0 ? {} : { active: kept }),
      ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: toTime(lastSuccess) }),
    }
  }

  const exists = async ({ namespace, name, uid }: DeepReadonly<ObjectReference>, signal: AbortSignal) => {
    try {
      const job = await client.get(JOBS, { namespace: namespace ?? '', name: name ?? '' }, signal)
      return uidOf(job) === uid
    } catch (error) {
      if (hasReason(error, 'NotFound')) return false
      throw error
    }
  }

  const readSchedule = (cronJob: ReadCronJob): { schedule: Schedule; wall: WallClock } | undefined => {
    const { schedule, timeZone } = cronJob.spec
    try {
      return { wall: wallClock(timeZone), schedule: parseSchedule(schedule) }
    } catch (error) {
      const [reason, what] =
        error instanceof RangeError
          ? ['UnknownTimeZone', `invalid timeZone: "${timeZone}"`]
          : ['UnparseableSchedule', `unparseable schedule for cronjob: ${schedule}`]
      events.event(cronJob, 'Warning', reason, `${what}: ${messageOf(error)}`)
      return undefined
    }
  }

  type Started = { readonly status: Status; readonly outcome: Outcome }

  const start = async (cronJob: ReadCronJob, status: Status, signal: AbortSignal): Promise<Started> => {
    const { suspend, startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec
    const read = suspend === true ? undefined : readSchedule(cronJob)
    if (read === undefined) return { status, outcome: settled }
    const now = clock.now()
    const { due, next, missedMany } = whatIsDue(cronJob, read.schedule, read.wall, now)
    const outcome = next === undefined ? settled : again(next - now + SLACK_MS)
    if (due === undefined && next === undefined) {
      const message = `invalid schedule: ${cronJob.spec.schedule} : time difference between two schedules is less than 1 second`
      events.event(cronJob, 'Warning', 'InvalidSchedule', message)
    }
    if (missedMany) {
      const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
      events.event(cronJob, 'Warning', 'TooManyMissedTimes', message)
    }
    if (due === undefined) return { status, outcome }
    if (startingDeadlineSeconds !== undefined && due + startingDeadlineSeconds * 1000 < now) {
      events.event(cronJob, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${toTime(due)}`)
      return { status, outcome }
    }
    if (status.active?.some(({ name }) => name === jobName(cronJob, due)) === true) return { status, outcome }
    if (concurrencyPolicy === 'Forbid' && (status.active ?? []).length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
      events.event(cronJob, 'Normal', 'JobAlreadyActive', message)
      return { status, outcome }
    }
    const running = concurrencyPolicy === 'Replace' ? [] : (status.active ?? [])
    if (concurrencyPolicy === 'Replace') await stopActive(cronJob, status, signal)
    const job = await create(cronJob, { due, wall: read.wall }, signal)
    if (job === undefined) return { status, outcome }
    const { active: _active, ...rest } = status
    return { status: { ...rest, active: [...running, referenceTo(job)], lastScheduleTime: toTime(due) }, outcome }
  }

  const stopActive = async (cronJob: ReadCronJob, { active = [] }: Status, signal: AbortSignal) => {
    for (const { namespace, name } of active) {
      const job = jobs.get(`${namespace}/${name}`)
      if (job !== undefined) await removeJob(cronJob, job, signal)
    }
  }

  const create = async (cronJob: ReadCronJob, at: Appointment, signal: AbortSignal): Promise<ReadJob | undefined> => {
    const job = newJob(cronJob, at)
    ownWrites.expectCreate(keyOf(cronJob), keyOf(job))
    try {
      const made = await client.create(JOBS, job, undefined, signal)
      events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${nameOf(job)}`)
      return made
    } catch (error) {
      ownWrites.withdrawCreate(keyOf(job))
      if (isNamespaceTerminating(error)) return undefined
      if (hasReason(error, 'AlreadyExists')) {
        const existing = await client.get(JOBS, placeOf(job), signal)
        return controllerOf(existing)?.uid === uidOf(cronJob) ? existing : undefined
      }
      signal.throwIfAborted()
      events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`)
      throw error
    }
  }

  const removeJob = async (cronJob: ReadCronJob, job: ReadJob, signal: AbortSignal): Promise<void> => {
    if (isDeleting(job)) return
    const options = { propagationPolicy: 'Background' as const, preconditions: { uid: uidOf(job) } }
    try {
      await client.delete(JOBS, placeOf(job), options, signal)
      events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${nameOf(job)}`)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  return loopController({ name: 'cronjob', queue, reconcile, log: deps.log, waitFor: [cronJobs, jobs] })
}

const timesOf = ({ spec: { schedule, timeZone } }: ReadCronJob) => ({ schedule, timeZone })

/** One name for one due time: two controllers cannot start it twice. */
const jobName = (cronJob: ReadCronJob, due: number) => `${nameOf(cronJob)}-${Math.floor(due / 60_000)}`

/** When a Job is due, and by which clock. */
interface Appointment {
  readonly due: number
  readonly wall: WallClock
}

function newJob(cronJob: ReadCronJob, { due, wall }: Appointment): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, due),
      namespace: cronJob.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      annotations: { ...metadata.annotations, [SCHEDULED_AT]: wallTimestamp(due, wall) },
      ownerReferences: [controllerReference(cronJob, CRON_JOBS)],
    },
    ...(spec === undefined ? {} : { spec: draftOf<JobSpec>(spec) }),
  }
}

const referenceTo = (job: ReadJob): ObjectReference => ({
  kind: 'Job',
  apiVersion: 'batch/v1',
  namespace: job.metadata.namespace ?? '',
  name: nameOf(job),
  uid: uidOf(job),
  resourceVersion: job.metadata.resourceVersion ?? '',
})
