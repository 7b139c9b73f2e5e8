/**
 * What /metrics/resource tells of nodes, Pods and containers
 * (https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source). Pure.
 */

import type { CgroupUsage } from '../host/usage.ts'
import type { Family, Labels, Sample } from '../../base/metrics/text.ts'
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

/** What a cgroup has swapped, as far as it is counted. */
const swapUse = (usage: CgroupUsage | undefined) => usage && (usage.memory.swapBytes ?? 0)

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
      name: 'container_swap_limit_bytes',
      help: '[ALPHA] Current amount of the container swap limit in bytes. Reported only on non-windows systems',
      type: 'gauge',
      samples: samples(all, ofContainer, ({ container }) => container.usage?.swapLimitBytes, at),
    },
    {
      name: 'container_swap_usage_bytes',
      help: '[ALPHA] Current amount of the container swap usage in bytes. Reported only on non-windows systems',
      type: 'gauge',
      samples: samples(all, ofContainer, ({ container }) => swapUse(container.usage), at),
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
      name: 'node_swap_usage_bytes',
      help: '[ALPHA] Current swap usage of the node in bytes. Reported only on non-windows systems',
      type: 'gauge',
      samples: [{ value: node.memory.swapBytes ?? 0, at }],
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
      name: 'pod_swap_usage_bytes',
      help: '[ALPHA] Current amount of the pod swap usage in bytes. Reported only on non-windows systems',
      type: 'gauge',
      samples: samples(pods, ofPod, ({ usage }) => swapUse(usage), at),
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
