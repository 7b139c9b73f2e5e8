/** One priority level as it works: its seats, its queues, and what it asked for (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#priority-levels). */

import type { PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { mostSeats, type SeatLimits } from './concurrency.ts'
import { FairQueues, type Queuing } from './fair-queues.ts'
import { FlowTraffic } from './flow-traffic.ts'
import { RetryAfter } from './retry-after.ts'
import { SeatDemand } from './seat-demand.ts'
import { Utilization } from './utilization.ts'

export type ReadLevel = DeepReadonly<PriorityLevelConfiguration>

/** Queues of which each flow may use some. */
interface DealtQueuing extends Queuing {
  readonly handSize: number
}

export class PriorityLevel {
  readonly name: string
  readonly demand: SeatDemand
  readonly queues: FairQueues
  readonly retryAfter: RetryAfter
  readonly utilization: Utilization
  readonly #traffic = new Map<string, FlowTraffic>()
  #object: ReadLevel
  #limits: SeatLimits = { nominal: 0, lower: 0, upper: 0 }
  #queuing: DealtQueuing | undefined
  #mostSeats = Number.POSITIVE_INFINITY
  /** Seats for now. */
  #current = 0
  /** What was aimed at when the seats were divided last. */
  target = 0
  /** Nobody wants it any more; it goes when it is idle. */
  isQuiescing = false
  rejected = 0
  dispatched = 0
  cancelled = 0

  constructor(object: ReadLevel, clock: Clock) {
    this.name = object.metadata.name ?? ''
    this.#object = object
    this.demand = new SeatDemand(clock)
    this.utilization = new Utilization(clock)
    this.queues = new FairQueues(clock, () => this.#note())
    this.retryAfter = new RetryAfter(clock)
  }

  get object(): ReadLevel {
    return this.#object
  }

  get isExempt(): boolean {
    return this.#object.spec?.type === 'Exempt'
  }

  get limits(): SeatLimits {
    return this.#limits
  }

  get currentSeats(): number {
    return this.#current
  }

  /** Absent: who finds no seat is refused. */
  get queuing(): DealtQueuing | undefined {
    return this.#queuing
  }

  /** One request takes no more of it. */
  get mostSeats(): number {
    return this.#mostSeats
  }

  configure(object: ReadLevel, limits: SeatLimits): void {
    this.#object = object
    this.#limits = limits
    this.#queuing = queuingOf(object)
    this.#mostSeats =
      this.#queuing === undefined ? Number.POSITIVE_INFINITY : mostSeats(limits.nominal, this.#queuing.handSize)
  }

  /** Grants it so many seats until further notice. */
  grant(seats: number): void {
    this.#current = seats
    const { queues = 1, lengthLimit = 1 } = this.#queuing ?? {}
    this.utilization.limit(seats, queues * lengthLimit)
    this.queues.configure(this.isExempt ? Number.POSITIVE_INFINITY : seats, this.#queuing)
  }

  #note(): void {
    const { executing, waiting, seatsInUse, waitingSeats } = this.queues
    this.demand.set(seatsInUse + waitingSeats)
    this.utilization.note({ executing: executing.size, waiting, seatsInUse, waitingSeats })
  }

  trafficOf(schema: string): FlowTraffic {
    let traffic = this.#traffic.get(schema)
    if (traffic === undefined) this.#traffic.set(schema, (traffic = new FlowTraffic(this.name, schema)))
    return traffic
  }

  get traffic(): Iterable<FlowTraffic> {
    return this.#traffic.values()
  }
}

function queuingOf({ spec }: ReadLevel): DealtQueuing | undefined {
  const { queuing } = spec?.limited?.limitResponse ?? {}
  if (queuing === undefined) return undefined
  const { queues = 64, handSize = 8, queueLengthLimit: lengthLimit = 50 } = queuing
  return { queues, handSize, lengthLimit }
}
