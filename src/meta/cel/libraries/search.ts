/**
 * One text in another. Both may be somebody's, a million characters that are nearly alike: what the engine does then takes
 * their product, half a minute, for parts of more than a few hundred characters.
 */

/** What is shorter the engine finds fast, whatever is in it. */
const SHORT = 250

/** Where a text has this part first, or -1. */
export function placeOf(part: string, text: string): number {
  return part.length <= SHORT ? text.indexOf(part) : firstAt(text, part, 0)
}

export const includes = (text: string, part: string): boolean => placeOf(part, text) >= 0

/** What is between the occurrences of a separator, which is not empty. */
export function splitBy(text: string, separator: string): string[] {
  if (separator.length <= SHORT) return text.split(separator)
  const parts: string[] = []
  let rest = text
  for (let at = placeOf(separator, rest); at >= 0; at = placeOf(separator, rest)) {
    parts.push(rest.slice(0, at))
    rest = rest.slice(at + separator.length)
  }
  return [...parts, rest]
}

/**
 * Where characters have others first, at `from` or later, or -1: by Knuth, Morris and Pratt, in a time that is the sum of
 * their lengths.
 */
export function firstAt(points: ArrayLike<string>, wanted: ArrayLike<string>, from: number): number {
  const borders = bordersOf(wanted)
  let matched = 0
  for (let at = from; at < points.length; at++) {
    while (matched > 0 && points[at] !== wanted[matched]) matched = borders[matched - 1] as number
    if (points[at] === wanted[matched]) matched++
    if (matched === wanted.length) return at - matched + 1
  }
  return -1
}

/** Of each beginning how much of its end it begins with as well, less than all of it. */
function bordersOf(wanted: ArrayLike<string>): Int32Array {
  const borders = new Int32Array(wanted.length)
  let length = 0
  for (let at = 1; at < wanted.length; at++) {
    while (length > 0 && wanted[at] !== wanted[length]) length = borders[length - 1] as number
    if (wanted[at] === wanted[length]) length++
    borders[at] = length
  }
  return borders
}
