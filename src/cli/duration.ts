/** Times that commands take (https://pkg.go.dev/time#ParseDuration). */

import { InvalidArgumentError } from 'commander'

import { parseDuration } from '../wire/decode/duration.ts'

/** No timer waits longer. */
const LONGEST = 2 ** 31 - 1

/** The milliseconds that `text` says, such as `90s` or `5m`. Throws `InvalidArgumentError` for anything else, and for none. */
export function milliseconds(text: string): number {
  const nanoseconds = durationOr(text, 0n)
  if (nanoseconds <= 0n) throw new InvalidArgumentError('It has to be a duration, such as 90s or 5m.')
  return Math.min(Number(nanoseconds / 1_000_000n), LONGEST)
}

function durationOr(text: string, other: bigint): bigint {
  try {
    return parseDuration(text)
  } catch {
    return other // not one
  }
}
