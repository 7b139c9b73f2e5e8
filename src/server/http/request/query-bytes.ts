/** Values of a query that are no UTF-8: Go keeps their bytes, and quotes them as they came. */

/** Parameters that are quoted to whoever got them wrong. */
const QUOTED = ['labelSelector', 'limit', 'resourceVersion', 'timeoutSeconds'] as const
/** Told as it is, without quotes: there each such byte is a U+FFFD of its own. */
const TOLD = 'fieldSelector'

/** A byte from 0x80 on, escaped. */
const HIGH = /%[89a-f]/i
const REPLACEMENT = '\ufffd'
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT)

/** Reads a query. Bytes that are no text are lone surrogates, U+DC80 to U+DCFF, in the parameters that are quoted. */
export function readQuery(text: string): URLSearchParams {
  const query = new URLSearchParams(text)
  if (!HIGH.test(text)) return query
  const kept = new Map<string, string>()
  for (const name of [...QUOTED, TOLD]) {
    if (!query.get(name)?.includes(REPLACEMENT)) continue
    const value = text.split('&').find((pair) => pair.startsWith(`${name}=`))
    if (value === undefined) continue
    const read = textOf(unescaped(value.slice(name.length + 1)))
    kept.set(name, name === TOLD ? read.replace(/[\u{dc80}-\u{dcff}]/gu, REPLACEMENT) : read)
  }
  return kept.size === 0 ? query : new ByteQuery(text, kept)
}

/** What a query has no way to keep itself. */
class ByteQuery extends URLSearchParams {
  readonly #kept: ReadonlyMap<string, string>

  constructor(text: string, kept: ReadonlyMap<string, string>) {
    super(text)
    this.#kept = kept
  }

  override get(name: string): string | null {
    return this.#kept.get(name) ?? super.get(name)
  }
}

/** What is escaped is a byte, as it is. */
function unescaped(value: string): Buffer {
  const spaced = value.replaceAll('+', ' ')
  return Buffer.concat(
    spaced
      .split(/(%[0-9a-f]{2})/i)
      .map((part, i) => (i % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))),
  )
}

/** Each byte that belongs to no character is a lone surrogate. */
function textOf(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!
    const length = lengthOf(lead)
    const char = bytes.toString('utf8', at, at + length)
    const isReplacement = bytes.subarray(at, at + length).equals(REPLACEMENT_BYTES)
    const isSound = isReplacement || !char.includes(REPLACEMENT)
    text += isSound ? char : String.fromCharCode(0xdc00 + lead)
    at += isSound ? length : 1
  }
  return text
}

function lengthOf(lead: number): number {
  if (lead < 0x80) return 1
  if (lead >= 0xf0) return 4
  return lead >= 0xe0 ? 3 : 2
}
