/**
 * What /metrics/cadvisor tells: the series by which most dashboards know containers, and the machine that carries them
 * (https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md). Pure.
 */

import { type DeviceUse, type DiskUse, type InterfaceUsage, PROCESS_STATES } from '../host/usage.ts'
import type { MachineFacts } from '../host/host.ts'
import type { Family, Labels, Sample } from '../../base/metrics/text.ts'
import type { ContainerSnapshot, PodSnapshot, Snapshot } from '../usage/snapshot.ts'
import {
  DEVICE_FIGURES,
  DISK_FIGURES,
  FIGURES,
  FILESYSTEM_FIGURES,
  nanos,
  TRAFFIC_FIGURES,
  type Value,
  type Watched,
} from './cadvisor-figures.ts'

/** Prometheus wants all series of a family to have the same labels. */
const labelsOf = (labels: Labels): Labels => ({
  container: '',
  id: '',
  image: '',
  name: '',
  namespace: '',
  pod: '',
  ...labels,
})

const QUIET: Pick<Watched, 'details' | 'pressure' | 'interfaces' | 'writtenBytes'> = {
  details: undefined,
  pressure: {},
  interfaces: [],
  writtenBytes: undefined,
}

function watchedOf({ node, pods }: Snapshot): readonly Watched[] {
  const machine: Watched = {
    ...QUIET,
    labels: labelsOf({ id: '/' }),
    startedAt: undefined,
    cpuNanos: node.cpuNanos,
    memory: node.memory,
    usage: undefined,
    interfaces: node.interfaces,
    pressure: node.pressure,
  }
  const all: readonly Watched[] =
    node.pods === undefined
      ? []
      : [
          {
            ...QUIET,
            labels: labelsOf({ id: '/kubepods' }),
            startedAt: undefined,
            cpuNanos: node.pods.cpuNanos,
            memory: node.pods.memory,
            usage: node.pods,
          },
        ]
  return [
    machine,
    ...all,
    ...pods.flatMap((pod) => [podOf(pod), ...pod.containers.map((one) => containerOf(pod, one))]),
  ]
}

const podOf = (pod: PodSnapshot): Watched => ({
  labels: labelsOf({ id: pod.cgroup, namespace: pod.namespace, pod: pod.name }),
  startedAt: pod.startedAt,
  cpuNanos: pod.usage?.cpuNanos,
  memory: pod.usage?.memory ?? {},
  usage: pod.usage,
  details: pod.details,
  pressure: pod.pressure,
  interfaces: pod.interfaces,
  writtenBytes: undefined,
})

const containerOf = (pod: PodSnapshot, container: ContainerSnapshot): Watched => ({
  labels: labelsOf({
    container: container.name,
    id: `${pod.cgroup}/${container.id}`,
    image: container.image,
    name: container.id,
    namespace: pod.namespace,
    pod: pod.name,
  }),
  startedAt: container.startedAt,
  cpuNanos: container.usage?.cpuNanos ?? container.stats?.cpu?.usageCoreNanoSeconds,
  memory: container.usage?.memory ?? container.stats?.memory ?? {},
  usage: container.usage,
  details: container.details,
  pressure: container.pressure,
  interfaces: [],
  writtenBytes: container.stats?.writableLayer?.usedBytes,
})

/** Everything, each figure with the moment at which it was taken. */
export function cadvisorFamilies(snapshot: Snapshot, machine: MachineOfMetrics): readonly Family[] {
  const { at } = snapshot
  const watched = watchedOf(snapshot)
  const family = (name: string, help: string, type: Family['type'], samples: readonly Sample[]): Family => ({
    name: `container_${name}`,
    help,
    type,
    samples,
  })
  const each = (value: Value, more: Labels = {}) =>
    watched.flatMap((one): readonly Sample[] => {
      const known = value(one)
      return known === undefined ? [] : [{ labels: { ...one.labels, ...more }, value: known, at }]
    })
  const devices = (value: (use: DeviceUse) => number) =>
    watched.flatMap(({ labels, details }) =>
      (details?.devices ?? []).map((use) => ({ labels: { ...labels, device: use.device }, value: value(use), at })),
    )
  const traffic = (value: (use: InterfaceUsage) => number) =>
    watched.flatMap(({ labels, interfaces }) =>
      interfaces.map((use) => ({ labels: { ...labels, interface: use.name }, value: value(use), at })),
    )
  const { nodeFs, nodeDisk } = snapshot.node
  const machineDisk = labelsOf({ id: '/', ...(nodeDisk !== undefined && { device: nodeDisk.device }) })
  const disk = (value: number): readonly Sample[] =>
    nodeDisk === undefined ? [] : [{ labels: machineDisk, value, at }]
  const fault = (type: string, value: Value) => each(value, { failure_type: type, scope: 'hierarchy' })
  return [
    family(
      'last_seen',
      'Last time a container was seen by the exporter',
      'gauge',
      each(() => Math.floor(at / 1000)),
    ),
    family(
      'cpu_usage_seconds_total',
      'Cumulative cpu time consumed in seconds.',
      'counter',
      each(({ cpuNanos }) => nanos(cpuNanos), { cpu: 'total' }),
    ),
    ...FIGURES.map(([name, help, type, value]) => family(name, help, type, each(value))),
    family('memory_failures_total', 'Cumulative count of memory allocation failures.', 'counter', [
      ...fault('pgfault', ({ memory }) => memory.pageFaults),
      ...fault('pgmajfault', ({ memory }) => memory.majorPageFaults),
    ]),
    family(
      'tasks_state',
      'Number of tasks in given state',
      'gauge',
      PROCESS_STATES.flatMap((state) => each(({ details }) => details?.processes?.states.get(state), { state })),
    ),
    family(
      'ulimits_soft',
      'Soft ulimit values for the container root process. Unlimited if -1, except priority and nice',
      'gauge',
      each(({ details }) => details?.processes?.maxOpenFiles, { ulimit: 'max_open_files' }),
    ),
    ...DEVICE_FIGURES.map(([name, help, value]) =>
      family(name, help, 'counter', [
        ...(nodeDisk === undefined ? [] : disk(value(deviceOf(nodeDisk)))),
        ...devices(value),
      ]),
    ),
    ...DISK_FIGURES.map(([name, help, type, value]) =>
      family(name, help, type, nodeDisk === undefined ? [] : disk(value(nodeDisk))),
    ),
    ...FILESYSTEM_FIGURES.map(([name, help, value]) => family(name, help, 'gauge', disk(value(nodeFs)))),
    ...TRAFFIC_FIGURES.flatMap(([name, received, sent, value]) => [
      family(
        `network_receive_${name}`,
        received,
        'counter',
        traffic((use) => value(use.received)),
      ),
      family(
        `network_transmit_${name}`,
        sent,
        'counter',
        traffic((use) => value(use.sent)),
      ),
    ]),
    family('scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', 'gauge', [
      { value: 0 },
    ]),
    ...machineFamilies(machine),
  ]
}

const SECTOR_BYTES = 512

const deviceOf = ({ device, reads, sectorsRead, writes, sectorsWritten }: DiskUse): DeviceUse => ({
  device,
  reads,
  readBytes: sectorsRead * SECTOR_BYTES,
  writes,
  writtenBytes: sectorsWritten * SECTOR_BYTES,
})

const VERSION =
  "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision."

type MachineOfMetrics = Pick<
  MachineFacts,
  | 'cpus'
  | 'processors'
  | 'memoryBytes'
  | 'swapBytes'
  | 'bootId'
  | 'machineId'
  | 'systemUuid'
  | 'kernelVersion'
  | 'osImage'
>

function machineFamilies({
  cpus,
  processors,
  memoryBytes,
  swapBytes,
  bootId,
  machineId,
  systemUuid,
  kernelVersion,
  osImage,
}: MachineOfMetrics) {
  const labels = { boot_id: bootId, machine_id: machineId, system_uuid: systemUuid }
  const gauge = (name: string, help: string, value: number): Family => ({
    name: `machine_${name}`,
    help,
    type: 'gauge',
    samples: [{ labels, value }],
  })
  const version = { cadvisorRevision: '', cadvisorVersion: '', dockerVersion: '', kernelVersion, osVersion: osImage }
  return [
    {
      ...gauge('', VERSION, 1),
      name: 'cadvisor_version_info',
      samples: [{ labels: version, value: 1 }],
    },
    gauge('cpu_cores', 'Number of logical CPU cores.', cpus),
    ...(processors === undefined
      ? []
      : [
          gauge('cpu_physical_cores', 'Number of physical CPU cores.', processors.cores),
          gauge('cpu_sockets', 'Number of CPU sockets.', processors.sockets),
        ]),
    gauge('memory_bytes', 'Amount of memory installed on the machine.', memoryBytes),
    gauge('swap_bytes', 'Amount of swap memory available on the machine.', swapBytes),
    {
      ...gauge('scrape_error', '1 if there was an error while getting machine metrics, 0 otherwise.', 0),
      samples: [{ value: 0 }],
    },
  ]
}
