/** A clock that knows how many of its timers wait: on real time, what shows that a stopped cluster left none. */

import { type Clock, sleepOn } from '../base/clock.ts'

/** `clock` with a count. */
export interface CountingClock extends Clock {
  readonly pending: number
}

export function countingClock(clock: Clock): CountingClock {
  let pending = 0
  const counting: CountingClock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after(ms, run) {
      pending += 1
      let isOver = false
      const end = () => {
        if (isOver) return false
        isOver = true
        pending -= 1
        return true
      }
      const cancel = clock.after(ms, () => {
        if (end()) run()
      })
      return () => {
        if (end()) cancel()
      }
    },
    sleep: (ms, signal) => sleepOn(counting, ms, signal),
    get pending() {
      return pending
    },
  }
  return counting
}
