/** Conversions between types (https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions). */

import { declare, type Library } from '../environment.ts'
import { type CelValue, Duration, EvaluationError, Timestamp, Uint } from '../values.ts'
import { int, uint } from './operators.ts'
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../times.ts'

const SECOND = 1_000_000_000n
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

const same = <T extends CelValue>(value: T): T => value

function wrong(type: string): EvaluationError {
  return new EvaluationError(`type conversion error from 'string' to '${type}'`)
}

function toBool(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw wrong('bool')
}

function toInt(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw wrong('int')
  return int(BigInt(text.replace('+', '')))
}

function toUint(text: string): Uint {
  if (!/^\d+$/.test(text)) throw wrong('uint')
  return uint(BigInt(text))
}

function toDouble(text: string): number {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text)
  const special = /^([+-]?)(?:(inf|infinity)|(nan))$/i.exec(text)
  if (special === null) throw wrong('double')
  return special[3] === undefined ? (special[1] === '-' ? -Infinity : Infinity) : Number.NaN
}

function truncate(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) throw new EvaluationError('integer overflow')
  return BigInt(Math.trunc(value))
}

function truncateUnsigned(value: number): Uint {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) throw new EvaluationError('unsigned integer overflow')
  return new Uint(BigInt(Math.trunc(value)))
}

/** A double as Go writes it in the shortest way. */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf'
  const [digits = '0', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 21) return Object.is(value, -0) ? '-0' : plainDigits(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const plainDigits = (value: number): string => {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

export const conversions: Library = {
  functions: [
    declare('bool(bool): bool', same<boolean>),
    declare('bool(string): bool', toBool),
    declare('bytes(bytes): bytes', same<Uint8Array>),
    declare('bytes(string): bytes', (text: string) => new Uint8Array(Buffer.from(text))),
    declare('double(double): double', same<number>),
    declare('double(int): double', Number),
    declare('double(string): double', toDouble),
    declare('double(uint): double', ({ value }: Uint) => Number(value)),
    declare('duration(duration): duration', same<Duration>),
    declare('duration(int): duration', (nanos: bigint) => new Duration(nanos)),
    declare('duration(string): duration', parseDuration),
    declare('dyn(A): dyn', same<CelValue>),
    declare('int(int): int', same<bigint>),
    declare('int(double): int', truncate),
    declare('int(duration): int', ({ nanos }: Duration) => nanos),
    declare('int(string): int', toInt),
    declare('int(timestamp): int', ({ nanos }: Timestamp) => floorSeconds(nanos)),
    declare('int(uint): int', ({ value }: Uint) => int(value)),
    declare('string(string): string', same<string>),
    declare('string(bool): string', String),
    declare('string(bytes): string', toText),
    declare('string(double): string', showDouble),
    declare('string(duration): string', formatDuration),
    declare('string(int): string', String),
    declare('string(timestamp): string', formatTimestamp),
    declare('string(uint): string', ({ value }: Uint) => String(value)),
    declare('timestamp(timestamp): timestamp', same<Timestamp>),
    declare('timestamp(int): timestamp', (seconds: bigint) => new Timestamp(seconds * SECOND)),
    declare('timestamp(string): timestamp', parseTimestamp),
    declare('uint(uint): uint', same<Uint>),
    declare('uint(double): uint', truncateUnsigned),
    declare('uint(int): uint', uint),
    declare('uint(string): uint', toUint),
  ],
}

const floorSeconds = (nanos: bigint): bigint => (nanos - (((nanos % SECOND) + SECOND) % SECOND)) / SECOND
