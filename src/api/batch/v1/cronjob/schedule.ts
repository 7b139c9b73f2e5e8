/**
 * Cron schedules (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax): five fields,
 * `@hourly` and its like, `@every 90m`. Read once into sets of numbers; the controller asks for the next times.
 */

/** The times a schedule names, as the values each field allows. */
export type Schedule =
  | { readonly kind: 'every'; readonly ms: number }
  | {
      readonly kind: 'fields'
      readonly minutes: ReadonlySet<number>
      readonly hours: ReadonlySet<number>
      readonly days: ReadonlySet<number>
      readonly months: ReadonlySet<number>
      readonly weekdays: ReadonlySet<number>
      /** With both day fields given, either is enough; a star in one leaves it to the other. */
      readonly anyDay: boolean
      readonly anyWeekday: boolean
    }

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

interface Field {
  readonly low: number
  readonly high: number
  readonly names?: readonly string[]
  readonly firstName?: number
}

const FIELDS: readonly Field[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: MONTHS, firstName: 1 },
  { low: 0, high: 6, names: WEEKDAYS, firstName: 0 },
]

/** Why a text is no schedule. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}

/** Reads a schedule; throws `ScheduleError`. */
export function parseSchedule(text: string): Schedule {
  const trimmed = text.trim()
  if (trimmed.startsWith('@every ')) return { kind: 'every', ms: parseEvery(trimmed.slice('@every '.length), text) }
  const expanded = trimmed.startsWith('@') ? MACROS[trimmed] : trimmed
  if (expanded === undefined) throw new ScheduleError(`unrecognized descriptor: ${text}`)
  const parts = expanded.split(/\s+/)
  if (parts.length !== FIELDS.length) {
    throw new ScheduleError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`)
  }
  const [minutes, hours, days, months, weekdays] = parts.map((part, position) =>
    parseField(part, FIELDS[position] as Field),
  )
  if (!minutes || !hours || !days || !months || !weekdays) throw new ScheduleError(`cannot read: ${text}`)
  const isStar = (part: string | undefined) => part !== undefined && /^(\*|\?)/.test(part)
  return {
    kind: 'fields',
    minutes,
    hours,
    days,
    months,
    weekdays,
    anyDay: isStar(parts[2]),
    anyWeekday: isStar(parts[4]),
  }
}

function parseEvery(text: string, whole: string): number {
  let rest = text
  let ms = 0
  while (rest !== '') {
    const match = /^(\d{1,9}(?:\.\d{1,9})?)(ms|h|m|s)/.exec(rest)
    if (match === null) throw new ScheduleError(`failed to parse duration ${whole}`)
    ms += Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0)
    rest = rest.slice(match[0].length)
  }
  if (ms <= 0) throw new ScheduleError(`failed to parse duration ${whole}`)
  return Math.max(1000, Math.floor(ms / 1000) * 1000)
}

function parseField(text: string, field: Field): ReadonlySet<number> {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', stepText, extra] = part.split('/')
    if (extra !== undefined) throw new ScheduleError(`too many slashes: ${part}`)
    const step = stepText === undefined ? 1 : parseNumber(stepText, part)
    if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${part}`)
    const [from, to] = parseRange(range, field, stepText !== undefined)
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return values
}

function parseRange(text: string, field: Field, hasStep: boolean): readonly [number, number] {
  if (text === '*' || text === '?') return [field.low, field.high]
  const [first = '', last, extra] = text.split('-')
  if (extra !== undefined) throw new ScheduleError(`too many hyphens: ${text}`)
  const from = parseValue(first, field)
  const to = last === undefined ? (hasStep ? field.high : from) : parseValue(last, field)
  if (from < field.low) throw new ScheduleError(`beginning of range (${from}) below minimum (${field.low}): ${text}`)
  if (to > field.high) throw new ScheduleError(`end of range (${to}) above maximum (${field.high}): ${text}`)
  if (from > to) throw new ScheduleError(`beginning of range (${from}) beyond end of range (${to}): ${text}`)
  return [from, to]
}

function parseValue(text: string, { names, firstName = 0 }: Field): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  return named >= 0 ? named + firstName : parseNumber(text, text)
}

function parseNumber(text: string, part: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ScheduleError(`failed to parse int from ${part}`)
  return Number(text)
}

/** What is wrong with a schedule, in the words of validation; `undefined` for a good one. */
export function scheduleFault(schedule: string, hasTimeZone: boolean): string | undefined {
  if (schedule.includes('TZ')) {
    return hasTimeZone
      ? 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
      : 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
  }
  try {
    parseSchedule(schedule)
    return undefined
  } catch (error) {
    if (error instanceof ScheduleError) return error.message
    throw error
  }
}

/** What is wrong with a time zone's name; `undefined` for one that is known. */
export function timeZoneFault(timeZone: string): string | undefined {
  if (timeZone === '') return 'timeZone must be nil or non-empty string'
  if (timeZone.toLowerCase() === 'local')
    return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return undefined
  } catch {
    return `unknown time zone ${timeZone}`
  }
}
