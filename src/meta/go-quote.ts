/** Values as Go prints them, for texts that quote what the user wrote. */

import { toJson } from '../wire/json/stringify.ts'

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** What Go's `strconv.Quote` escapes: quotes, controls, and whatever is not printable. */
const NEEDS_ESCAPE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** Text between double quotes, as Go's `%q` writes it. */
export function goQuote(text: string): string {
  return `"${text.replace(NEEDS_ESCAPE, escapeOne)}"`
}

/** A list of texts as Go's `%#v` writes it: `[]string{"a", "b"}`. */
export function goStrings(texts: readonly string[]): string {
  return `[]string{${texts.map(goQuote).join(', ')}}`
}

/** A list of texts as Go's `%q` writes it: `["a" "b"]`. */
export function goList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`
}

function escapeOne(char: string): string {
  if (Object.hasOwn(SHORT, char)) return SHORT[char] as string
  const code = char.codePointAt(0) ?? 0
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

/** A map as Go prints it: in the order of its keys. */
export function goMap<T>(map: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined {
  return map && Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A value in an `Invalid value: …` text: texts quoted, numbers plain, the rest as JSON. */
export function goValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return goQuote(value)
  return toJson(value)
}
