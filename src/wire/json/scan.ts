/** One pass over JSON bytes, without building anything, for the facts that the built-in parser does not tell. */

/** What a pass over a JSON text found. Only meaningful when the text is JSON. */
export interface JsonScan {
  /** Members of all objects, each repetition of a key counted. */
  readonly members: number
  /** Values that follow another one: about as many as there are. */
  readonly values: number
  readonly depth: number
  /** There may be a whole number that a double cannot hold. */
  readonly hasLongNumber: boolean
  /** There is a number with a fraction or an exponent. */
  readonly hasFraction: boolean
}

const quote = 0x22
const backslash = 0x5c
const zero = 0x30
const nine = 0x39

/** 2^53 has 16 digits. */
const digitsOfDouble = 15

export function scanJson(bytes: Uint8Array): JsonScan {
  let members = 0
  let values = 0
  let depth = 0
  let deepest = 0
  let digits = 0
  let hasLongNumber = false
  let hasFraction = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === quote) {
      digits = 0
      for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++
    } else if (byte >= zero && byte <= nine) {
      if (++digits > digitsOfDouble) hasLongNumber = true
    } else {
      if (digits > 0 && (byte === 0x2e || (byte | 0x20) === 0x65)) hasFraction = true
      digits = 0
      if (byte === 0x3a) members++
      else if (byte === 0x2c) values++
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > deepest) deepest = depth
      } else if (byte === 0x7d || byte === 0x5d) depth--
    }
  }
  return { members, values, depth: deepest, hasLongNumber, hasFraction }
}
