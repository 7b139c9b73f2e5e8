/** What literals mean: numbers within their ranges, texts without their escapes (https://github.com/google/cel-spec/blob/master/doc/langdef.md#string-and-bytes-values). */

import { Uint } from './values.ts'

const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n
const MAX_UINT = 2n ** 64n - 1n
const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
const ESCAPE = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/gu

/** A whole number, or `undefined` where it is none that fits. */
export function readInt(text: string): bigint | undefined {
  const isNegative = text.startsWith('-')
  const size = BigInt(isNegative ? text.slice(1) : text)
  const value = isNegative ? -size : size
  return value < MIN_INT || value > MAX_INT ? undefined : value
}

export function readUint(text: string): Uint | undefined {
  const value = BigInt(text.slice(0, -1))
  return value > MAX_UINT ? undefined : new Uint(value)
}

export function readDouble(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** The text between the quotes. Throws with CEL's words where an escape means nothing. */
export function readText(written: string): string {
  const { body, isRaw } = unquote(written)
  if (isRaw) return body
  return body.replace(ESCAPE, (_all, hex, short, long, octal, simple: string | undefined) => {
    if (simple !== undefined) return SIMPLE[simple] ?? simple
    const digits: string = hex ?? short ?? long ?? octal
    const point = Number.parseInt(digits, octal === undefined ? 16 : 8)
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new Error('invalid unicode code point')
    return String.fromCodePoint(point)
  })
}

/** The bytes between the quotes: escapes of bytes are bytes, all else is UTF-8. */
export function readBytes(written: string): Uint8Array {
  const { body, isRaw } = unquote(written.slice(1))
  const parts: Buffer[] = []
  let last = 0
  for (const match of isRaw ? [] : body.matchAll(ESCAPE)) {
    const [all, hex, short, long, octal, simple] = match
    if (short !== undefined || long !== undefined) throw new Error('unable to unescape string')
    parts.push(Buffer.from(body.slice(last, match.index)))
    const digits = hex ?? octal
    if (digits !== undefined) parts.push(Buffer.from([Number.parseInt(digits, octal === undefined ? 16 : 8)]))
    else if (simple !== undefined) parts.push(Buffer.from(SIMPLE[simple] ?? simple))
    last = match.index + all.length
  }
  parts.push(Buffer.from(body.slice(last)))
  return new Uint8Array(Buffer.concat(parts))
}

function unquote(written: string): { body: string; isRaw: boolean } {
  const isRaw = written.startsWith('r') || written.startsWith('R')
  const quoted = (isRaw ? written.slice(1) : written).replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const isTriple = quoted.length >= 6 && (quoted.startsWith('"""') || quoted.startsWith("'''"))
  return { body: isTriple ? quoted.slice(3, -3) : quoted.slice(1, -1), isRaw }
}
