/** Scalars of a YAML text, passed over; what keeps them from being scalars is told as Kubernetes's reader tells it. */

import { isBlank, isBreak, isGap, type Place } from './text.ts'

const isNoBreak = () => true
const HEX = /^[0-9A-Fa-f]*$/
/** How many digits follow the letter of an escape. */
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }
const ESCAPES: ReadonlySet<string> = new Set('0abtnvfre "\'\\N_LP\t')

/** A text between quotes; the place is at the first. */
export function passQuoted(place: Place): void {
  const quote = place.peek()
  place.skip()
  for (;;) {
    if (place.isAtMarker()) throw place.fault('found unexpected document indicator')
    if (place.isAtEnd) throw place.fault('found unexpected end of stream')
    const char = place.peek()
    if (isBreak(char)) place.skipBreak()
    else if (quote === "'" && char === quote && place.peek(1) === quote) place.skip(2)
    else if (char === quote) return place.skip()
    else if (quote === '"' && char === '\\') passEscape(place)
    else place.skip()
  }
}

function passEscape(place: Place): void {
  const letter = place.peek(1)
  if (isBreak(letter)) {
    place.skip()
    return place.skipBreak()
  }
  const digits = DIGITS[letter]
  if (digits === undefined) {
    if (!ESCAPES.has(letter)) throw place.fault('found unknown escape character')
    return place.skip(2)
  }
  place.skip(2)
  let text = ''
  for (let at = 0; at < digits; at++) text += place.peek(at)
  if (text.length < digits || !HEX.test(text)) {
    throw place.fault('did not find expected hexdecimal number')
  }
  const code = Number.parseInt(text, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw place.fault('found invalid Unicode character escape code')
  }
  place.skip(digits)
}

/** How a block ends, and how far it is in: `-`, `2`, `+2`, `2-`. */
const HEADER = /^(?:[-+](\d)?|(\d)[-+]?)/

/** A text of lines below `|` or `>`, which must stand further in than `indent`. */
export function passBlock(place: Place, indent: number): void {
  place.skip()
  const [header = '', after, before] = HEADER.exec(place.peek() + place.peek(1)) ?? []
  const digit = after ?? before
  if (digit === '0') throw place.fault('found an indentation indicator equal to 0')
  place.skip(header.length)
  place.skipWhile(isBlank)
  if (place.peek() === '#') place.skipWhile(isNoBreak)
  if (!place.isAtEnd && !isBreak(place.peek())) throw place.fault('did not find expected comment or line break')
  if (!place.isAtEnd) place.skipBreak()
  let margin = digit === undefined ? 0 : Math.max(indent, 0) + Number(digit)
  margin = passMargin(place, margin, indent)
  while (place.column === margin && !place.isAtEnd) {
    place.skipWhile(isNoBreak)
    if (!place.isAtEnd) place.skipBreak()
    passMargin(place, margin, indent)
  }
}

/** Blank lines and the margin of the next one. A margin of 0 is not known yet: answers what it is. */
function passMargin(place: Place, margin: number, indent: number): number {
  let widest = 0
  for (;;) {
    while ((margin === 0 || place.column < margin) && place.peek() === ' ') place.skip()
    widest = Math.max(widest, place.column)
    if ((margin === 0 || place.column < margin) && place.peek() === '\t') {
      throw place.fault('found a tab character where an indentation space is expected')
    }
    if (!isBreak(place.peek())) return margin === 0 ? Math.max(widest, indent + 1, 1) : margin
    place.skipBreak()
  }
}

const ENDS_IN_FLOW: ReadonlySet<string> = new Set(',?[]{}')

/** A text without quotes. Answers whether it ends in another line than it begins. */
export function passPlain(place: Place, indent: number, isFlow: boolean): boolean {
  let hasBreak = false
  for (;;) {
    if (place.isAtMarker() || place.peek() === '#') return hasBreak
    const from = place.at
    place.skipWhile(
      (char) => !isBlank(char) && !(char === ':' && isGap(place.peek(1))) && !(isFlow && ENDS_IN_FLOW.has(char)),
    )
    if (place.at > from) hasBreak = false
    if (!isBlank(place.peek()) && !isBreak(place.peek())) return hasBreak
    for (let char = place.peek(); isBlank(char) || isBreak(char); char = place.peek()) {
      if (isBreak(char)) {
        place.skipBreak()
        hasBreak = true
        continue
      }
      if (hasBreak && place.column <= indent && char === '\t') {
        throw place.fault('found a tab character that violates indentation')
      }
      place.skip()
    }
    if (!isFlow && place.column <= indent) return hasBreak
  }
}
