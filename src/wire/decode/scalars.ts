/** Reads single values as Go's types of the Kubernetes API do, into their canonical text. */
import type { ScalarKind } from '../schema.ts'
import { toJson } from '../json/stringify.ts'
import { DecodeError, type DecodeContext } from './context.ts'
import { inBits } from './conversion.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { formatMicroTime, formatTime, parseTime, zeroTimeSeconds } from './time.ts'

/** Reads one value that is not null. `undefined` means the field is as good as absent. */
export type Reader = (value: unknown, context: DecodeContext) => unknown

const int32Max = 2 ** 31 - 1

/** `canonicalQuantity` throws an `Error` with the API server's text for what is no quantity. */
export function scalarReader(scalar: ScalarKind, goType: string, canonicalQuantity: (text: string) => string): Reader {
  switch (scalar) {
    case 'string':
      return (value, context) => {
        if (typeof value !== 'string') throw context.unfit(value, goType, 'string')
        return value
      }
    case 'boolean':
      return (value, context) => {
        if (typeof value !== 'boolean') throw context.unfit(value, goType, 'bool')
        return value
      }
    case 'int32':
      return (value, context) => readInt32(value, context, goType)
    case 'int64':
      return (value, context) => {
        if (context.converts && isWhole(value)) return inBits(value, 64)
        refuseFraction(context, goType)
        if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value
        throw context.unfit(value, goType, 'int64')
      }
    case 'double':
      return (value, context) => {
        if (typeof value === 'bigint') return Number(value)
        if (typeof value !== 'number') throw context.unfit(value, goType, 'float64')
        return value
      }
    case 'bytes':
      return (value, context) => {
        if (typeof value !== 'string') throw context.unfit(value, goType, 'slice')
        return canonicalBase64(value, context)
      }
    case 'Quantity':
      return (value) => inWords(() => canonicalQuantity(quantityText(value)))
    case 'Time':
      return (value, context) => {
        if (typeof value !== 'string') throw context.unreadable(value, 'string')
        const { seconds } = inWords(() => parseTime(value))
        return seconds === zeroTimeSeconds ? undefined : formatTime(seconds)
      }
    case 'MicroTime':
      return (value, context) => {
        if (typeof value !== 'string') throw context.unreadable(value, 'string')
        const instant = inWords(() => parseTime(value, true))
        return instant.seconds === zeroTimeSeconds ? undefined : formatMicroTime(instant)
      }
    case 'Duration':
      return (value, context) => {
        if (typeof value !== 'string') throw context.unreadable(value, 'string')
        return inWords(() => formatDuration(parseDuration(value)))
      }
    case 'IntOrString':
      return (value, context) => {
        if (typeof value === 'string') return value
        if (!context.converts) refuseFraction(context, 'int32')
        if (isInt32(value)) return value === 0 ? 0 : value // no negative zero
        throw context.unreadable(value, 'int32')
      }
    case 'any':
      return (value) => value
  }
}

/** Go reads no whole number from `1.0` or `1e3`. */
function refuseFraction(context: DecodeContext, goType: string): void {
  const text = context.fractionHere()
  if (text !== undefined) throw context.mismatch(`number ${text}`, goType)
}

function readInt32(value: unknown, context: DecodeContext, goType: string): number | bigint {
  if (context.converts && isWhole(value)) return inBits(value, 32)
  refuseFraction(context, goType)
  if (isInt32(value)) return value === 0 ? 0 : value // no negative zero
  throw context.unfit(value, goType, 'int32')
}

const isWhole = (value: unknown): value is number | bigint => typeof value === 'bigint' || Number.isInteger(value)

const isInt32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value <= int32Max && value >= -int32Max - 1

function quantityText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : toJson(value)
}

/** Go takes base64 with line ends in it, and writes it without. */
function canonicalBase64(text: string, { converts }: DecodeContext): string {
  const plain = /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, '') : text
  const wrong = /[^A-Za-z0-9+/]/.exec(plain)?.index ?? plain.length
  const padding = plain.slice(wrong)
  // Four characters that are not all there are told of by the first.
  const told = padding === '' ? wrong - (wrong % 4) : wrong
  const fits = plain.length % 4 === 0 && (padding === '' || padding === '=' || padding === '==')
  if (!fits)
    throw new DecodeError(`${converts ? 'error decoding from json: ' : ''}illegal base64 data at input byte ${told}`)
  return plain
}

function inWords<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new DecodeError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
