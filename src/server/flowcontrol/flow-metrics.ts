/** What /metrics tell of priority and fairness, under Kubernetes's names (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Histogram } from '../../base/metrics/instruments.ts'
import type { Family, Sample } from '../../base/metrics/text.ts'
import type { FlowRequest } from './flow-request.ts'
import type { FlowTraffic } from './flow-traffic.ts'
import type { PriorityLevel } from './priority-level.ts'
import { UTILIZATION_FAMILIES } from './utilization.ts'

const PREFIX = 'apiserver_flowcontrol_'
const DURATIONS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

const histogram = (name: string, help: string, bounds: readonly number[]) => new Histogram(PREFIX + name, help, bounds)

export class FlowMetrics {
  readonly #waited = histogram(
    'request_wait_duration_seconds',
    'Length of time a request spent waiting in its queue',
    DURATIONS,
  )
  readonly #executed = histogram(
    'request_execution_seconds',
    'Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem',
    DURATIONS,
  )
  readonly #estimated = histogram(
    'work_estimated_seats',
    'Number of estimated seats (maximum of initial and final seats) associated with requests in API Priority and Fairness',
    [1, 2, 4, 8, 16, 32, 64, 100],
  )
  readonly #queueLengths = histogram(
    'request_queue_length_after_enqueue',
    'Length of queue in the API Priority and Fairness subsystem, as seen by each request after it is enqueued',
    [0, 10, 25, 50, 100, 250, 500, 1000],
  )
  readonly #watchCounts = histogram(
    'watch_count_samples',
    'count of watchers for mutating requests in API Priority and Fairness',
    [0, 1, 10, 100, 1_000, 10_000],
  )

  estimated({ seats, traffic }: FlowRequest): void {
    this.#estimated.observe(seats, traffic.labels)
  }

  /** A write was counted with those who watch what it changes. */
  watched(watchers: number, traffic: FlowTraffic): void {
    this.#watchCounts.observe(watchers, traffic.labels)
  }

  /** A request came to a queue, where it was one of those who wait, for however short a time. */
  queued({ queue, traffic }: FlowRequest): void {
    if (queue !== undefined) this.#queueLengths.observe(Math.max(1, queue.waiting.length), traffic.labels)
  }

  waited({ traffic }: FlowRequest, ms: number, isExecuted: boolean): void {
    this.#waited.observe(ms / 1_000, isExecuted ? traffic.executedLabels : traffic.refusedLabels)
  }

  executed({ traffic, info }: FlowRequest, ms: number): void {
    this.#executed.observe(ms / 1_000, info.verb === 'watch' ? traffic.watchLabels : traffic.regularLabels)
  }

  families(levels: readonly PriorityLevel[], fairFraction: number): readonly Family[] {
    const histograms = [this.#waited, this.#executed, this.#estimated, this.#queueLengths, this.#watchCounts]
    return [
      ...histograms.map(({ family }) => family),
      ...TRAFFIC.map(([name, help, type, value]) => trafficFamily(levels, { name, help, type, value })),
      ...LEVELS.map(([name, help, value]): Family => {
        const samples = levels.map((level) => ({ labels: { priority_level: level.name }, value: value(level) }))
        return { name: PREFIX + name, help, type: 'gauge', samples }
      }),
      {
        name: `${PREFIX}rejected_requests_total`,
        help: 'Number of requests rejected by API Priority and Fairness subsystem',
        type: 'counter',
        samples: levels.flatMap(({ traffic }) =>
          [...traffic].flatMap(({ labels, refused }) =>
            [...refused].map(([reason, value]): Sample => ({ labels: { ...labels, reason }, value })),
          ),
        ),
      },
      ...utilizationFamilies(levels),
      {
        name: `${PREFIX}seat_fair_frac`,
        help: "Fair fraction of server's concurrency to allocate to each priority level that can use it",
        type: 'gauge',
        samples: [{ value: fairFraction }],
      },
    ]
  }
}

function utilizationFamilies(levels: readonly PriorityLevel[]): readonly Family[] {
  const told = levels.map(({ name, utilization }) => utilization.samples(name))
  return UTILIZATION_FAMILIES.map(([name, help], at) => {
    const samples = told.flatMap((families) => families[at] ?? [])
    return { name: PREFIX + name, help, type: 'histogram', samples }
  })
}

type TrafficRow = readonly [
  name: string,
  help: string,
  type: 'counter' | 'gauge',
  value: (traffic: FlowTraffic) => number,
]

const EXECUTING_SEATS =
  'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem'

const TRAFFIC: readonly TrafficRow[] = [
  [
    'dispatched_requests_total',
    'Number of requests executed by API Priority and Fairness subsystem',
    'counter',
    ({ dispatched }) => dispatched,
  ],
  [
    'request_dispatch_no_accommodation_total',
    'Number of times a dispatch attempt resulted in a non accommodation due to lack of available seats',
    'counter',
    ({ unaccommodated }) => unaccommodated,
  ],
  [
    'current_executing_requests',
    'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
    'gauge',
    ({ executing }) => executing,
  ],
  ['current_executing_seats', EXECUTING_SEATS, 'gauge', ({ executingSeats }) => executingSeats],
  [
    'current_inqueue_requests',
    'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
    'gauge',
    ({ waiting }) => waiting,
  ],
  [
    'current_inqueue_seats',
    'Number of seats currently pending in queues of the API Priority and Fairness subsystem',
    'gauge',
    ({ waitingSeats }) => waitingSeats,
  ],
]

type LevelRow = readonly [name: string, help: string, value: (level: PriorityLevel) => number]

const NOMINAL = 'Nominal number of execution seats configured for each priority level'

const LEVELS: readonly LevelRow[] = [
  ['nominal_limit_seats', NOMINAL, ({ limits }) => limits.nominal],
  [
    'lower_limit_seats',
    'Configured lower bound on number of execution seats available to each priority level',
    ({ limits }) => limits.lower,
  ],
  [
    'upper_limit_seats',
    'Configured upper bound on number of execution seats available to each priority level',
    ({ limits }) => limits.upper,
  ],
  [
    'current_limit_seats',
    'current derived number of execution seats available to each priority level',
    ({ currentSeats }) => currentSeats,
  ],
  [
    'demand_seats_high_watermark',
    'High watermark, over last adjustment period, of demand_seats',
    ({ demand }) => demand.highWatermark,
  ],
  [
    'demand_seats_average',
    'Time-weighted average, over last adjustment period, of demand_seats',
    ({ demand }) => demand.average,
  ],
  [
    'demand_seats_stdev',
    'Time-weighted standard deviation, over last adjustment period, of demand_seats',
    ({ demand }) => demand.deviation,
  ],
  ['demand_seats_smoothed', 'Smoothed seat demands', ({ demand }) => demand.smoothed],
  ['target_seats', 'Seat allocation targets', ({ target }) => target],
  ['current_r', 'R(time of last change)', ({ queues }) => queues.progress],
]

function trafficFamily(
  levels: readonly PriorityLevel[],
  { name, help, type, value }: Pick<Family, 'name' | 'help' | 'type'> & { value: (traffic: FlowTraffic) => number },
): Family {
  const samples = levels.flatMap(({ traffic }) =>
    [...traffic].map((each) => ({ labels: each.labels, value: value(each) })),
  )
  // What never happened is not told of.
  if (type === 'counter') return { name: PREFIX + name, help, type, samples: samples.filter((one) => one.value > 0) }
  return { name: PREFIX + name, help, type, samples }
}
