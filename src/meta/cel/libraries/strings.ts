/** More functions of texts (https://pkg.go.dev/github.com/google/cel-go/ext#Strings, version 2, as Kubernetes offers it). */

import { goQuote } from '../../go-quote.ts'
import { declare, type Library } from '../environment.ts'
import { EvaluationError } from '../values.ts'
import { formatText, formatValidator } from './formatting.ts'
import { firstAt, placeOf, splitBy } from './search.ts'

/** A place in a text, which must lie within it. */
function within(at: bigint, points: readonly string[]): number {
  if (at < 0n || at > BigInt(points.length)) throw new EvaluationError(`index out of range: ${at}`)
  return Number(at)
}

function charAt(text: string, at: bigint): string {
  const points = Array.from(text)
  return points[within(at, points)] ?? ''
}

function indexOf(text: string, part: string, from: bigint = 0n): bigint {
  if (part === '') return from
  const points = Array.from(text)
  return BigInt(firstAt(points, Array.from(part), within(from, points)))
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const points = Array.from(text)
  if (part === '') return from ?? BigInt(points.length)
  const wanted = Array.from(part)
  const start = from === undefined ? points.length : within(from, points)
  const until = points.slice(0, start + wanted.length)
  const at = firstAt(until.toReversed(), wanted.toReversed(), 0)
  return at < 0 ? -1n : BigInt(until.length - wanted.length - at)
}

function replace(text: string, part: string, by: string, limit: bigint = -1n): string {
  if (limit < 0n) return part === '' ? text.replaceAll(part, () => by) : splitBy(text, part).join(by)
  let rest = text
  let done = ''
  for (let count = 0n; count < limit; count++) {
    const at = placeOf(part, rest)
    if (at < 0 || (part === '' && rest === '')) break
    const skip = part === '' ? 1 : part.length
    done += part === '' ? by + rest.slice(0, 1) : rest.slice(0, at) + by
    rest = rest.slice(at + skip)
  }
  return done + rest
}

function split(text: string, separator: string, limit: bigint = -1n): string[] {
  if (limit === 0n) return []
  const parts = separator === '' ? Array.from(text) : splitBy(text, separator)
  if (limit < 0n || parts.length <= limit) return parts
  const kept = parts.slice(0, Number(limit) - 1)
  return [...kept, parts.slice(Number(limit) - 1).join(separator)]
}

function substring(text: string, from: bigint, to?: bigint): string {
  const points = Array.from(text)
  const end = to === undefined ? points.length : within(to, points)
  const start = within(from, points)
  if (start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`)
  return points.slice(start, end).join('')
}

const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
const upper = (text: string): string => text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())
const join = (texts: readonly string[], separator = ''): string => texts.join(separator)

export const strings: Library = {
  validators: [formatValidator],
  functions: [
    declare('string->charAt(int): string', charAt),
    declare('string->indexOf(string): int', indexOf),
    declare('string->indexOf(string, int): int', indexOf),
    declare('string->lastIndexOf(string): int', lastIndexOf),
    declare('string->lastIndexOf(string, int): int', lastIndexOf),
    declare('string->lowerAscii(): string', lower),
    declare('string->replace(string, string): string', replace),
    declare('string->replace(string, string, int): string', replace),
    declare('string->split(string): list(string)', split),
    declare('string->split(string, int): list(string)', split),
    declare('string->substring(int): string', substring),
    declare('string->substring(int, int): string', substring),
    declare('string->trim(): string', (text: string) => text.trim()),
    declare('string->upperAscii(): string', upper),
    declare('string->format(list(dyn)): string', formatText),
    declare('strings.quote(string): string', goQuote),
    declare('list(string)->join(): string', join),
    declare('list(string)->join(string): string', join),
  ],
}
