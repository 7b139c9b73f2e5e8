/** What /metrics tell of work queues, under the names of client-go (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { WorkQueue } from '../work-queue.ts'
import type { Family } from './text.ts'

type Row = readonly [name: string, help: string, type: 'counter' | 'gauge', value: (queue: WorkQueue) => number]

const ROWS: readonly Row[] = [
  ['adds_total', 'Total number of adds handled by workqueue', 'counter', ({ measures }) => measures.adds],
  ['depth', 'Current depth of workqueue', 'gauge', ({ size }) => size],
  [
    'longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
    'gauge',
    ({ measures }) => Math.max(0, ...measures.unfinished()),
  ],
  ['retries_total', 'Total number of retries handled by workqueue', 'counter', ({ measures }) => measures.retries],
  [
    'unfinished_work_seconds',
    "How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
    'gauge',
    ({ measures }) => measures.unfinished().reduce((sum, seconds) => sum + seconds, 0),
  ],
]

/** Queues by the names that they are told under. */
export function workQueueFamilies(queues: ReadonlyMap<string, WorkQueue>): readonly Family[] {
  const named = [...queues].map(([name, queue]) => ({ labels: { name }, queue }))
  const counts = ROWS.map(([name, help, type, value]): Family => {
    const samples = named.map(({ labels, queue }) => ({ labels, value: value(queue) }))
    return { name: `workqueue_${name}`, help, type, samples }
  })
  const durations = (['waited', 'worked'] as const).flatMap((which): readonly Family[] => {
    const all = named.map(({ labels, queue }) => ({ labels, family: queue.measures[which].family }))
    const [first] = all
    if (first === undefined) return []
    const samples = all.flatMap(({ labels, family }) =>
      family.samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
    )
    return [{ ...first.family, samples }]
  })
  return [...counts, ...durations]
}
