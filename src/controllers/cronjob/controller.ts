/** CronJob: starts a Job whenever its schedule says so (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). */

import type { CronJob } from '../../api/generated/batch-v1.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import type { Lister } from '../../client/informer.ts'
import { CRON_JOBS, JOBS } from '../../client/resources.ts'
import { sameJson } from '../kit/equal.ts'
import { indexByController, ownedBy } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { controllerOf, isDeleting, keyOf, pointsAt, uidOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { writeStatus } from '../kit/write-status.ts'
import { followActive, type Status } from './active.ts'
import { type ReadCronJob, type ReadJob, surplusJobs, untilWake } from './due.ts'
import { removeJob } from './job-control.ts'
import { nextTime } from './next-time.ts'
import { readSchedule } from './read-schedule.ts'
import { type StartDeps, startWhatIsDue } from './start.ts'

const CATCH_UP_MS = 5_000

export function cronJobController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const cronJobs = deps.informers.of(CRON_JOBS)
  const jobs = deps.informers.of(JOBS)
  const queue = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events('cronjob-controller')
  const parts = { client, clock, cronJobs, jobs, ownWrites, events }
  indexByController(jobs)
  const enqueue = (cronJob: ReadCronJob) => queue.add(keyOf(cronJob))
  cronJobs.on({
    added: enqueue,
    updated(cronJob, old) {
      if (sameJson(timesOf(cronJob), timesOf(old))) enqueue(cronJob)
      else queue.addAfter(keyOf(cronJob), untilNext(parts, cronJob))
    },
    deleted: enqueue,
  })
  const wake = (job: ReadJob) => {
    ownWrites.sawCreate(keyOf(job))
    const controller = controllerOf(job)
    if (controller !== undefined && pointsAt(controller, CRON_JOBS)) {
      queue.add(`${job.metadata.namespace}/${controller.name}`)
    }
  }
  jobs.on({ added: wake, updated: wake, deleted: wake })
  const reconcile = (key: string, signal: AbortSignal) => reconcileCronJob(parts, key, signal)
  return loopController({ name: 'cronjob', queue, reconcile, log: deps.log, waitFor: [cronJobs, jobs] })
}

const timesOf = ({ spec: { schedule, timeZone } }: ReadCronJob) => ({ schedule, timeZone })

/** A new schedule starts with its next time: what it would have missed is not made up for at once. */
function untilNext({ clock, events }: StartDeps, cronJob: ReadCronJob): number {
  const read = readSchedule(events, cronJob)
  const now = clock.now()
  const next = read === undefined ? undefined : nextTime(read.schedule, now, read.wall)
  return next === undefined ? 0 : untilWake(next, now)
}

interface CronJobDeps extends StartDeps {
  readonly cronJobs: Lister<CronJob>
}

/** Removes the Jobs beyond the history, follows those that run, starts the one that is due. */
async function reconcileCronJob(deps: CronJobDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client, ownWrites } = deps
  const cronJob = deps.cronJobs.get(key)
  if (cronJob === undefined) {
    ownWrites.forget(key)
    return settled
  }
  if (!ownWrites.caughtUp(key) || !ownWrites.hasVersion(key, cronJob)) return again(CATCH_UP_MS)
  const jobs = ownedBy(deps.jobs, uidOf(cronJob))
  const removed = surplusJobs(cronJob, jobs)
  for (const job of removed) await removeJob(deps, cronJob, job, signal)
  const followed = await followActive(deps, { cronJob, jobs, removed }, signal)
  const { status, outcome } = isDeleting(cronJob)
    ? { status: followed, outcome: settled }
    : await startWhatIsDue(deps, cronJob, followed, signal)
  const written = await writeStatus<Status>(
    { client, ref: CRON_JOBS, object: cronJob, status, onConflict: 'throw' },
    signal,
  )
  if (written !== undefined) ownWrites.expectVersion(key, written)
  return outcome
}
