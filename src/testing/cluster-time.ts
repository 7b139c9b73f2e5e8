/** The time of a cluster under test: real, or held in the hand of the test. */

import { systemClock } from '../base/clock.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { type CountingClock, countingClock } from './counting-clock.ts'

export interface ClusterTime {
  readonly clock: CountingClock
  /** Moves time on by `ms`: at once where it is virtual, by waiting where it is real. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock by `ms` without time passing. Throws where time is real. */
  jump(ms: number): void
  /** Asks `check` until it answers something other than undefined or false. Throws when `timeoutMs` have gone by. */
  until<T>(check: () => Promise<T | undefined | false> | T | undefined | false, timeoutMs: number): Promise<T>
}

/** How long `until` waits between two looks, in the time of the cluster. */
const LOOK_MS = { real: 5, virtual: 50 }

export function realTime(): ClusterTime {
  const clock = countingClock(systemClock)
  const advance = (ms: number) => systemClock.sleep(ms)
  const jump = () => {
    throw new Error('the clock of the machine cannot be set: use virtual time')
  }
  return { clock, advance, jump, until: untilBy(() => systemClock.monotonic(), advance, LOOK_MS.real) }
}

export function virtualTime(startMs: number | undefined): ClusterTime {
  const clock = new ManualClock(startMs)
  const advance = (ms: number) => clock.advance(ms)
  const jump = (ms: number) => clock.jump(ms)
  return { clock, advance, jump, until: untilBy(() => clock.monotonic(), advance, LOOK_MS.virtual) }
}

function untilBy(nowMs: () => number, advance: (ms: number) => Promise<void>, lookMs: number): ClusterTime['until'] {
  return async (check, timeoutMs) => {
    const end = nowMs() + timeoutMs
    for (;;) {
      const found = await check()
      if (found !== undefined && found !== false) return found
      if (nowMs() >= end)
        throw new Error(`after ${timeoutMs} ms of the cluster's time still not so: ${check.toString()}`)
      await advance(lookMs)
    }
  }
}
