/** Complaints about what goes wrong with every request: one line a minute, which tells how many there were. */

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

const EVERY_MS = 60_000

/** Complains with `message`: at once, then at most once a minute, with the number of failures not told of before. */
export function complaints(message: string, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
  let quietUntil = -Infinity
  let untold = 0
  return (fields: Readonly<Record<string, unknown>>): void => {
    untold += 1
    if (clock.monotonic() < quietUntil) return
    quietUntil = clock.monotonic() + EVERY_MS
    log.error(message, { ...fields, times: untold })
    untold = 0
  }
}
