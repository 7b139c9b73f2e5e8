/**
 * The little of ASN.1 DER that certificates need: build values inside out from bytes.
 * https://www.itu.int/rec/T-REC-X.690
 */

/** One finished value: tag, length, content. */
export type Der = Buffer

/** A value of any tag around finished content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

export const sequence = (...items: readonly Der[]): Der => der(0x30, ...items)
export const set = (...items: readonly Der[]): Der => der(0x31, ...items)
export const boolean = (value: boolean): Der => der(0x01, Buffer.from([value ? 0xff : 0]))
export const octetString = (content: Uint8Array): Der => der(0x04, content)
export const utf8String = (text: string): Der => der(0x0c, Buffer.from(text, 'utf8'))

/** A non-negative integer from big-endian bytes. */
export function integer(bytes: Uint8Array): Der {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const trimmed = bytes.subarray(start)
  const needsZero = ((trimmed[0] ?? 0) & 0x80) !== 0
  return der(0x02, needsZero ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed)
}

/** A bit string whose last byte has `unused` bits that do not count. */
export const bitString = (content: Uint8Array, unused = 0): Der => der(0x03, Buffer.from([unused]), content)

/** An object identifier from its dotted form. */
export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128)) groups.unshift((more & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

/** A time, in the form RFC 5280 asks for: two-digit years through 2049, four digits after. */
export function time(ms: number): Der {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')
  return Number(digits.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : der(0x18, Buffer.from(digits, 'ascii'))
}

/** Context-specific value [n], constructed or primitive. */
export const explicit = (n: number, ...items: readonly Der[]): Der => der(0xa0 | n, ...items)
export const implicit = (n: number, content: Uint8Array): Der => der(0x80 | n, content)
