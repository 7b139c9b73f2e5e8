/** Text between quotes as Go writes it (https://pkg.go.dev/strconv#Quote). */

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
/** What JSON leaves of that. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** Of so many characters a call for each that is escaped takes a noticeable time. */
const LONG = 64 * 1024
/** What JSON escapes in another way: some controls, and lone surrogates. */
// oxlint-disable-next-line no-control-regex -- these are looked for
const UNLIKE_JSON = /[\u0000-\u0007\v\u000e-\u001f\ud800-\udfff]/u

/** Text between double quotes, as Go's `%q` writes it. */
export function goQuote(text: string): string {
  if (text.length < LONG || UNLIKE_JSON.test(text)) return `"${text.replace(NEEDS_ESCAPE, escapeOne)}"`
  return JSON.stringify(text).replace(UNPRINTABLE, escapeOne)
}

/** The same of text whose lone surrogates U+DC80 to U+DCFF stand for bytes that are no UTF-8. */
export function goQuoteBytes(text: string): string {
  const parts = text.split(/([\u{dc80}-\u{dcff}])/u)
  const quoted = parts.map((part, i) => (i % 2 === 1 ? `\\x${byteOf(part).toString(16)}` : goQuote(part).slice(1, -1)))
  return `"${quoted.join('')}"`
}

const byteOf = (surrogate: string) => surrogate.charCodeAt(0) & 0xff

function escapeOne(char: string): string {
  if (Object.hasOwn(SHORT, char)) return SHORT[char] as string
  const code = char.codePointAt(0) ?? 0
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
