/**
 * What /metrics/resource and /metrics/cadvisor tell of nodes, Pods and containers
 * (https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source). Pure.
 */

import type { Family, Labels, Sample } from '../metrics/text.ts'
import type { ContainerSnapshot, PodSnapshot, Snapshot } from '../usage/snapshot.ts'

const seconds = (nanos: number) => nanos / 1e9

interface Each {
  readonly pod: PodSnapshot
  readonly container: ContainerSnapshot
}

const eachContainer = ({ pods }: Snapshot): readonly Each[] =>
  pods.flatMap((pod) => pod.containers.map((container) => ({ pod, container })))

/** Samples of what is known. */
function samples<T>(all: readonly T[], labels: (one: T) => Labels, value: (one: T) => number | undefined, at?: number) {
  return all.flatMap((one): readonly Sample[] => {
    const known = value(one)
    return known === undefined ? [] : [{ labels: labels(one), value: known, ...(at !== undefined && { at }) }]
  })
}

const cpuSeconds = (nanos: number | undefined) => (nanos === undefined ? undefined : seconds(nanos))

/** CPU and memory: what autoscaling and `kubectl top` live on. */
export function resourceFamilies(snapshot: Snapshot): readonly Family[] {
  const { at, node, pods } = snapshot
  const all = eachContainer(snapshot)
  const ofContainer = ({ pod, container }: Each) => ({
    container: container.name,
    namespace: pod.namespace,
    pod: pod.name,
  })
  const ofPod = ({ namespace, name }: PodSnapshot) => ({ namespace, pod: name })
  return [
    {
      name: 'container_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      type: 'counter',
      samples: samples(all, ofContainer, ({ container }) => cpuSeconds(container.stats?.cpu?.usageCoreNanoSeconds), at),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: '[STABLE] Current working set of the container in bytes',
      type: 'gauge',
      samples: samples(all, ofContainer, ({ container }) => container.stats?.memory?.workingSetBytes, at),
    },
    {
      name: 'container_start_time_seconds',
      help: '[STABLE] Start time of the container since unix epoch in seconds',
      type: 'gauge',
      samples: samples(all, ofContainer, ({ container }) => container.startedAt / 1000),
    },
    {
      name: 'node_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the node in core-seconds',
      type: 'counter',
      samples: [{ value: seconds(node.cpuNanos), at }],
    },
    {
      name: 'node_memory_working_set_bytes',
      help: '[STABLE] Current working set of the node in bytes',
      type: 'gauge',
      samples: [{ value: node.memory.workingSetBytes, at }],
    },
    {
      name: 'pod_cpu_usage_seconds_total',
      help: '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      type: 'counter',
      samples: samples(pods, ofPod, ({ usage }) => cpuSeconds(usage?.cpuNanos), at),
    },
    {
      name: 'pod_memory_working_set_bytes',
      help: '[STABLE] Current working set of the pod in bytes',
      type: 'gauge',
      samples: samples(pods, ofPod, ({ usage }) => usage?.memory.workingSetBytes, at),
    },
    {
      name: 'resource_scrape_error',
      help: '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
      type: 'gauge',
      samples: [{ value: 0 }],
    },
    {
      name: 'scrape_error',
      help: '[ALPHA] 1 if there was an error while getting container metrics, 0 otherwise',
      type: 'gauge',
      samples: [{ value: 0 }],
    },
  ]
}

type Figure = readonly [name: string, help: string, type: Family['type'], value: (one: Each) => number | undefined]

const FIGURES: readonly Figure[] = [
  [
    'container_cpu_usage_seconds_total',
    'Cumulative cpu time consumed in seconds.',
    'counter',
    ({ container }) => cpuSeconds(container.stats?.cpu?.usageCoreNanoSeconds),
  ],
  [
    'container_memory_usage_bytes',
    'Current memory usage in bytes, including all memory regardless of when it was accessed',
    'gauge',
    ({ container }) => container.stats?.memory?.usageBytes,
  ],
  [
    'container_memory_working_set_bytes',
    'Current working set in bytes.',
    'gauge',
    ({ container }) => container.stats?.memory?.workingSetBytes,
  ],
  ['container_memory_rss', 'Size of RSS in bytes.', 'gauge', ({ container }) => container.stats?.memory?.rssBytes],
  [
    'container_fs_usage_bytes',
    'Number of bytes that are consumed by the container on this filesystem.',
    'gauge',
    ({ container }) => container.stats?.writableLayer?.usedBytes,
  ],
  [
    'container_start_time_seconds',
    'Start time of the container since unix epoch in seconds.',
    'gauge',
    ({ container }) => container.startedAt / 1000,
  ],
  ['container_last_seen', 'Last time a container was seen by the exporter', 'gauge', () => undefined],
]

/** The series by which most dashboards know containers, and the machine that carries them. */
export function cadvisorFamilies(snapshot: Snapshot, machine: { readonly cpus: number }): readonly Family[] {
  const { at, node, pods } = snapshot
  const all = eachContainer(snapshot)
  const labels = ({ pod, container }: Each) => ({
    container: container.name,
    id: container.id,
    image: container.image,
    name: container.id,
    namespace: pod.namespace,
    pod: pod.name,
  })
  const families = FIGURES.map(([name, help, type, value]): Family => {
    const seen = name === 'container_last_seen' ? () => Math.floor(at / 1000) : value
    return { name, help, type, samples: samples(all, labels, seen, at) }
  })
  const processes = samples(
    pods,
    ({ namespace, name }) => ({ container: '', namespace, pod: name }),
    ({ usage }) => usage?.processes,
    at,
  )
  return [
    ...families,
    {
      name: 'container_processes',
      help: 'Number of processes running inside the container.',
      type: 'gauge',
      samples: processes,
    },
    {
      name: 'machine_cpu_cores',
      help: 'Number of logical CPU cores.',
      type: 'gauge',
      samples: [{ value: machine.cpus }],
    },
    {
      name: 'machine_memory_bytes',
      help: 'Amount of memory installed on the machine.',
      type: 'gauge',
      samples: [{ value: node.memoryCapacityBytes }],
    },
  ]
}
