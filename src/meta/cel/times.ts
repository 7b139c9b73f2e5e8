/** Times and durations as texts (https://github.com/google/cel-spec/blob/master/doc/langdef.md#abstract-types). */

import { parseDuration as nanosecondsOf } from '../../wire/decode/duration.ts'
import { Duration, EvaluationError, Timestamp } from './values.ts'

const SECOND = 1_000_000_000n
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/

/** `1h30m`, `-1.5s`; `undefined` where the text is none. */
export function readDuration(text: string): bigint | undefined {
  try {
    return nanosecondsOf(text)
  } catch {
    return undefined
  }
}

export function parseDuration(text: string): Duration {
  const nanos = readDuration(text)
  if (nanos === undefined) throw new EvaluationError(`time: invalid duration "${text}"`)
  return new Duration(nanos)
}

/** An RFC 3339 time; `undefined` where the text is none. */
export function readTimestamp(text: string): bigint | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const isRealDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
  if (!isRealDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const seconds = date.getTime() / 1000 + Number(hour) * 3_600 + Number(minute) * 60 + Number(second)
  return BigInt(seconds - zoneSeconds(zone)) * SECOND + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

export function parseTimestamp(text: string): Timestamp {
  const nanos = readTimestamp(text)
  if (nanos === undefined)
    throw new EvaluationError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`)
  return new Timestamp(nanos)
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z') return 0
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  return (hours * 3_600 + minutes * 60) * (zone.startsWith('-') ? -1 : 1)
}

/** Seconds with what is below them, as CEL writes durations: `1.5s`. */
export function formatDuration({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos
  return `${nanos < 0n ? '-' : ''}${size / SECOND}${fractionOf(size % SECOND)}s`
}

/** RFC 3339 in UTC. */
export function formatTimestamp({ nanos }: Timestamp): string {
  const below = ((nanos % SECOND) + SECOND) % SECOND
  const written = new Date(Number((nanos - below) / SECOND) * 1000).toISOString()
  return `${written.slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}${fractionOf(below)}Z`
}

const fractionOf = (nanos: bigint): string =>
  nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
