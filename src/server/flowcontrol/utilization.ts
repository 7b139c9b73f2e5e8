/** How much of a priority level was used, and for how long (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../../base/clock.ts'
import type { Family } from '../../base/metrics/text.ts'
import { TimingHistogram } from '../../base/metrics/timing.ts'

const DEMAND = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.7, 2, 2.8, 4, 6]
const SEATS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1]
const REQUESTS = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1]

/** What a level has at one moment. */
export interface LevelLoad {
  readonly executing: number
  readonly waiting: number
  readonly seatsInUse: number
  readonly waitingSeats: number
}

export class Utilization {
  readonly #clock: Clock
  readonly #demand: TimingHistogram
  readonly #seats: TimingHistogram
  readonly #executing: TimingHistogram
  readonly #waiting: TimingHistogram
  /** What is full. */
  #seatLimit = 1
  #waitingLimit = 1

  constructor(clock: Clock) {
    const now = clock.monotonic()
    this.#clock = clock
    this.#demand = new TimingHistogram(DEMAND, now)
    this.#seats = new TimingHistogram(SEATS, now)
    this.#executing = new TimingHistogram(REQUESTS, now)
    this.#waiting = new TimingHistogram(REQUESTS, now)
  }

  limit(seats: number, waiting: number): void {
    this.#seatLimit = Math.max(1, seats)
    this.#waitingLimit = Math.max(1, waiting)
  }

  note({ executing, waiting, seatsInUse, waitingSeats }: LevelLoad): void {
    const now = this.#clock.monotonic()
    this.#demand.set((seatsInUse + waitingSeats) / this.#seatLimit, now)
    this.#seats.set(seatsInUse / this.#seatLimit, now)
    this.#executing.set(executing / this.#seatLimit, now)
    this.#waiting.set(waiting / this.#waitingLimit, now)
  }

  /** The samples of one level, in the order of `UTILIZATION_FAMILIES`. */
  samples(level: string): readonly Family['samples'][] {
    const now = this.#clock.monotonic()
    const labels = { priority_level: level }
    const executing = { phase: 'executing', ...labels }
    return [
      this.#demand.samples(labels, now),
      this.#seats.samples(executing, now),
      [...this.#executing.samples(executing, now), ...this.#waiting.samples({ phase: 'waiting', ...labels }, now)],
    ]
  }
}

export const UTILIZATION_FAMILIES: readonly (readonly [name: string, help: string])[] = [
  [
    'demand_seats',
    'Observations, at the end of every nanosecond, of (the number of seats each priority level could use) / (nominal number of seats for that level)',
  ],
  [
    'priority_level_seat_utilization',
    'Observations, at the end of every nanosecond, of utilization of seats for any stage of execution (but only initial stage for WATCHes)',
  ],
  [
    'priority_level_request_utilization',
    'Observations, at the end of every nanosecond, of number of requests (as a fraction of the relevant limit) waiting or in any stage of execution (but only initial stage for WATCHes)',
  ],
]
