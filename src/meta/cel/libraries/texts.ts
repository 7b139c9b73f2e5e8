/** Functions of texts, patterns and times that every expression may call (https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions). */

import { declare, type Library, type Overload } from '../environment.ts'
import { compilePattern } from '../patterns.ts'
import { type Duration, EvaluationError, type Timestamp } from '../values.ts'
import { includes } from './search.ts'

const SECOND = 1_000_000_000n
const MILLI = 1_000_000n

const matches = (text: string, pattern: string): boolean => compilePattern(pattern).test(text)

/** The seconds that a zone is ahead of UTC. */
function zoneOffset(zone: string, nanos: bigint): bigint {
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone)
  if (fixed !== null) {
    const size = BigInt(Number(fixed[2]) * 3_600 + Number(fixed[3]) * 60)
    return fixed[1] === '-' ? -size : size
  }
  if (zone === '' || zone === 'UTC') return 0n
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(Number(nanos / MILLI)).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    return name === 'GMT' ? 0n : zoneOffset(name.slice(3), nanos)
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`)
  }
}

/** A part of a time: of UTC, or of a zone. */
function partOf(name: string, read: (at: Date) => number): Overload[] {
  const at = ({ nanos }: Timestamp, zone: string): bigint => {
    const below = ((nanos % SECOND) + SECOND) % SECOND
    return BigInt(read(new Date(Number((nanos - below) / SECOND + zoneOffset(zone, nanos)) * 1000)))
  }
  return [
    declare(`timestamp->${name}(): int`, (time: Timestamp) => at(time, 'UTC')),
    declare(`timestamp->${name}(string): int`, at),
  ]
}

const DAY_MS = 86_400_000

/** The first of January is 0. */
function dayOfYear(at: Date): number {
  const first = new Date(at)
  first.setUTCMonth(0, 1)
  return Math.round((at.getTime() - first.getTime()) / DAY_MS)
}

const wholeOf = (name: string, unit: bigint): Overload =>
  declare(`duration->${name}(): int`, ({ nanos }: Duration) => nanos / unit)

const millis = ({ nanos }: Timestamp): bigint => (((nanos % SECOND) + SECOND) % SECOND) / MILLI

export const texts: Library = {
  functions: [
    declare('string->contains(string): bool', includes),
    declare('string->endsWith(string): bool', (text: string, end: string) => text.endsWith(end)),
    declare('string->startsWith(string): bool', (text: string, start: string) => text.startsWith(start)),
    declare('matches(string, string): bool', matches),
    declare('string->matches(string): bool', matches),
    ...partOf('getFullYear', (at) => at.getUTCFullYear()),
    ...partOf('getMonth', (at) => at.getUTCMonth()),
    ...partOf('getDayOfYear', dayOfYear),
    ...partOf('getDayOfMonth', (at) => at.getUTCDate() - 1),
    ...partOf('getDate', (at) => at.getUTCDate()),
    ...partOf('getDayOfWeek', (at) => at.getUTCDay()),
    ...partOf('getHours', (at) => at.getUTCHours()),
    ...partOf('getMinutes', (at) => at.getUTCMinutes()),
    ...partOf('getSeconds', (at) => at.getUTCSeconds()),
    declare('timestamp->getMilliseconds(): int', millis),
    declare('timestamp->getMilliseconds(string): int', millis),
    wholeOf('getHours', 3_600n * SECOND),
    wholeOf('getMinutes', 60n * SECOND),
    wholeOf('getSeconds', SECOND),
    declare('duration->getMilliseconds(): int', ({ nanos }: Duration) => (nanos % SECOND) / MILLI),
  ],
}
