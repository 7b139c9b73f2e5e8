/** What Go says of texts that are no whole numbers (https://pkg.go.dev/strconv#ParseInt), which answers quote. */

import { goQuoteBytes } from './go-quote.ts'

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const UINT64 = { min: 0n, max: 2n ** 64n - 1n }
/** Longer texts are out of range, whatever they say. */
const MAX_DIGITS = 40

/** Why the text is no int64; undefined where it is one. */
export const intFault = (text: string): string | undefined => fault('ParseInt', text, /^[+-]?\d+$/, INT64)

/** Why the text is no uint64; undefined where it is one. */
export const uintFault = (text: string): string | undefined => fault('ParseUint', text, /^\d+$/, UINT64)

function fault(
  func: string,
  text: string,
  shape: RegExp,
  { min, max }: { readonly min: bigint; readonly max: bigint },
): string | undefined {
  const say = (why: string) => `strconv.${func}: parsing ${goQuoteBytes(text)}: ${why}`
  if (!shape.test(text)) return say('invalid syntax')
  const digits = text.replace(/^([+-]?)0+(?=\d)/, '$1').replace('+', '')
  const value = digits.length > MAX_DIGITS ? undefined : BigInt(digits)
  return value !== undefined && value >= min && value <= max ? undefined : say('value out of range')
}
