/** A CronJob's schedule and time zone, as they are written in its spec (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax). */

import { parseSchedule, type Schedule } from '../../api/batch/v1/cronjob/schedule.ts'
import type { Events } from '../kit/events.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadCronJob } from './due.ts'
import { wallClock, type WallClock } from './next-time.ts'

export interface ZonedSchedule {
  readonly schedule: Schedule
  readonly wall: WallClock
}

/** Undefined, and told, when it cannot be read. */
export function readSchedule(events: Events, cronJob: ReadCronJob): ZonedSchedule | undefined {
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
