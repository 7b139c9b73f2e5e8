/**
 * How many seats a priority level could use, over time
 * (https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/1040-priority-and-fairness#dispatching).
 */

import type { Clock } from '../../base/clock.ts'

/** So much of what was is kept each time: halved in about five minutes. */
const KEPT = 0.977

export class SeatDemand {
  readonly #clock: Clock
  #seats = 0
  #since: number
  #began: number
  #highest = 0
  /** Integrals of the seats, and of their squares, since it began. */
  #sum = 0
  #squares = 0
  highWatermark = 0
  average = 0
  deviation = 0
  smoothed = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.monotonic()
    this.#began = this.#since
  }

  set(seats: number): void {
    this.#integrate(this.#clock.monotonic())
    this.#seats = seats
    if (seats > this.#highest) this.#highest = seats
  }

  /** Sums up the time since this was called last. */
  settle(): void {
    const now = this.#clock.monotonic()
    this.#integrate(now)
    const lasted = now - this.#began
    this.highWatermark = this.#highest
    this.#highest = this.#seats
    if (lasted <= 0) return
    this.average = this.#sum / lasted
    this.deviation = Math.sqrt(Math.max(0, this.#squares / lasted - this.average ** 2))
    const envelope = this.average + this.deviation
    // It grows at once and falls slowly.
    this.smoothed = Math.max(envelope, KEPT * this.smoothed + (1 - KEPT) * envelope)
    this.#began = now
    this.#sum = 0
    this.#squares = 0
  }

  #integrate(now: number): void {
    const lasted = now - this.#since
    this.#since = now
    this.#sum += this.#seats * lasted
    this.#squares += this.#seats ** 2 * lasted
  }
}
