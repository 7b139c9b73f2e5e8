/** When a schedule is due next, in any time zone (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones). Pure. */

import type { Schedule } from '../../api/batch/v1/cronjob/schedule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** How far ahead a due time is looked for: 30 February never comes. */
const HORIZON = 5 * 366 * DAY

/** What a clock on the wall of the zone shows. */
interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

/** Reads instants as wall times of one zone. */
export type WallClock = (ms: number) => WallTime

const utc: WallClock = (ms) => {
  const date = new Date(ms)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

/** The wall clock of a zone, UTC unless told otherwise. Throws `RangeError` for a zone nobody knows. */
export function wallClock(timeZone: string | undefined): WallClock {
  if (timeZone === undefined || timeZone === 'UTC' || timeZone === 'Etc/UTC') return utc
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const read = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const [year, month, day] = [read('year'), read('month'), read('day')]
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
    return { year, month, day, weekday, hour: read('hour'), minute: read('minute') }
  }
}

/** A full minute as the wall shows it, with the distance to UTC: `2026-01-31T09:00:00+09:00`. */
export function wallTimestamp(ms: number, wall: WallClock): string {
  const { year, month, day, hour, minute } = wall(ms)
  const shown = Date.UTC(year, month - 1, day, hour, minute)
  const text = new Date(shown).toISOString().slice(0, 'yyyy-mm-ddThh:mm:'.length)
  const seconds = new Date(ms).toISOString().slice('yyyy-mm-ddThh:mm:'.length, 'yyyy-mm-ddThh:mm:ss'.length)
  const ahead = Math.round((shown - Math.floor(ms / MINUTE) * MINUTE) / MINUTE)
  const digits = (value: number) => String(value).padStart(2, '0')
  const offset = `${ahead < 0 ? '-' : '+'}${digits(Math.floor(Math.abs(ahead) / 60))}:${digits(Math.abs(ahead) % 60)}`
  return `${text}${seconds}${ahead === 0 ? 'Z' : offset}`
}

/** The first due time after `after`; undefined when there is none for years. Times a zone's clock skips do not come. */
export function nextTime(schedule: Schedule, after: number, wall: WallClock): number | undefined {
  if (schedule.kind === 'every') return Math.floor(after / 1000) * 1000 + schedule.ms
  let at = (Math.floor(after / MINUTE) + 1) * MINUTE
  const end = after + HORIZON
  while (at <= end) {
    const shown = wall(at)
    if (!schedule.months.has(shown.month) || !isDue(schedule, shown)) at = nextDay(at, shown, wall)
    else if (!schedule.hours.has(shown.hour)) at += (60 - shown.minute) * MINUTE
    else if (!schedule.minutes.has(shown.minute)) at += MINUTE
    else return at
  }
  return undefined
}

/** With both day fields given, either is enough. */
function isDue(schedule: Extract<Schedule, { kind: 'fields' }>, { day, weekday }: WallTime): boolean {
  const dayFits = schedule.days.has(day)
  const weekdayFits = schedule.weekdays.has(weekday)
  return schedule.anyDay || schedule.anyWeekday ? dayFits && weekdayFits : dayFits || weekdayFits
}

/** The first minute of the next day, also when the day has 23 or 25 hours. */
function nextDay(at: number, shown: WallTime, wall: WallClock): number {
  let next = at + DAY - (shown.hour * 60 + shown.minute) * MINUTE
  const landed = wall(next)
  if (landed.day === shown.day) next += HOUR * (24 - landed.hour) - landed.minute * MINUTE
  else if (landed.hour > 0 && landed.hour < 12) {
    const earlier = next - (landed.hour * 60 + landed.minute) * MINUTE
    if (wall(earlier).day === landed.day) next = earlier
  }
  return next
}
