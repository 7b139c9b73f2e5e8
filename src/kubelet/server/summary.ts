/** What /stats/summary tells (https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source). Pure. */

import { toTime } from '../../base/clock.ts'
import type { ContainerStats } from '../cri/runtime.ts'
import type {
  CgroupPressure,
  CgroupUsage,
  FilesystemFacts,
  InterfaceUsage,
  MemoryUsage,
  Pressure,
  StallTime,
} from '../host/usage.ts'
import { diskUse, type DiskUse } from '../usage/pod-use.ts'
import type { ContainerSnapshot, PodSnapshot, Snapshot } from '../usage/snapshot.ts'

export interface SummaryOptions {
  readonly node: string
  /** When the node's machine started, in milliseconds since the epoch. */
  readonly startedAt: number
  /** What costs a walk through folders is left out. */
  readonly onlyCpuAndMemory: boolean
}

export function summaryOf(snapshot: Snapshot, { node, startedAt, onlyCpuAndMemory }: SummaryOptions) {
  const { at, node: usage, nanoCores, podsNanoCores, pods } = snapshot
  const time = toTime(at)
  const available = Math.max(0, usage.memoryCapacityBytes - usage.memory.workingSetBytes)
  return {
    node: {
      nodeName: node,
      ...(usage.pods !== undefined && {
        systemContainers: [podsContainer(usage.pods, podsNanoCores, { startedAt, time })],
      }),
      startTime: toTime(startedAt),
      cpu: { ...cpuOf(usage.cpuNanos, nanoCores, time), ...psiOf(usage.pressure.cpu) },
      memory: { ...memoryOf(usage.memory, time), availableBytes: available, ...psiOf(usage.pressure.memory) },
      ...swapOf(usage.memory, usage.swapCapacityBytes, time),
      ...(!onlyCpuAndMemory && {
        ...ioOf(usage.pressure, time),
        ...networkOf(usage.interfaces, time),
        ...nodeDisks(snapshot, time),
      }),
    },
    pods: pods.map((pod) => podSummary(pod, snapshot, { time, onlyCpuAndMemory })),
  }
}

const cpuOf = (nanos: number, nanoCores: number | undefined, time: string) => ({
  time,
  ...(nanoCores !== undefined && { usageNanoCores: nanoCores }),
  usageCoreNanoSeconds: nanos,
})

const plainMemory = ({ usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults }: Partial<MemoryUsage>) => ({
  usageBytes,
  workingSetBytes,
  rssBytes,
  pageFaults,
  majorPageFaults,
})

const memoryOf = (memory: MemoryUsage, time: string) => ({ time, ...plainMemory(memory) })

const psiData = ({ totalMicros, avg10, avg60, avg300 }: StallTime) => ({ total: totalMicros, avg10, avg60, avg300 })

const psiOf = (pressure: Pressure | undefined) =>
  pressure === undefined ? {} : { psi: { full: psiData(pressure.full), some: psiData(pressure.some) } }

const ioOf = ({ io }: CgroupPressure, time: string) => (io === undefined ? {} : { io: { time, ...psiOf(io) } })

/** `limit`: how much there may be at most; `undefined`: as much as the machine has. */
const swapOf = ({ swapBytes = 0 }: MemoryUsage, limit: number | undefined, time: string) => ({
  swap: {
    time,
    ...(limit !== undefined && { swapAvailableBytes: Math.max(0, limit - swapBytes) }),
    swapUsageBytes: swapBytes,
  },
})

/** The interface that leads out of a machine or a Pod. */
const DEFAULT_INTERFACE = 'eth0'

function networkOf(all: readonly InterfaceUsage[], time: string) {
  const interfaces = all.map(({ name, received, sent }) => ({
    name,
    rxBytes: received.bytes,
    rxErrors: received.errors,
    txBytes: sent.bytes,
    txErrors: sent.errors,
  }))
  if (interfaces.length === 0) return {}
  // Without one of that name the figures are told one by one alone.
  const main = interfaces.find(({ name }) => name === DEFAULT_INTERFACE) ?? { name: '' }
  return { network: { time, ...main, interfaces } }
}

/** What can still be had of a limit. */
const roomIn = ({ memoryLimitBytes, memory }: CgroupUsage) =>
  memoryLimitBytes === undefined ? {} : { availableBytes: Math.max(0, memoryLimitBytes - memory.workingSetBytes) }

const podsContainer = (
  pods: CgroupUsage,
  nanoCores: number | undefined,
  { startedAt, time }: { readonly startedAt: number; readonly time: string },
) => ({
  name: 'pods',
  startTime: toTime(startedAt),
  cpu: cpuOf(pods.cpuNanos, nanoCores, time),
  memory: { ...memoryOf(pods.memory, time), ...roomIn(pods) },
})

function filesystem({ availableBytes, capacityBytes, usedBytes, inodes, inodesFree }: FilesystemFacts, time: string) {
  return { time, availableBytes, capacityBytes, usedBytes, inodesFree, inodes, inodesUsed: inodes - inodesFree }
}

/** What something takes of a file system. */
const partOf = (disk: FilesystemFacts, { bytes, inodes }: DiskUse, time: string) => ({
  time,
  availableBytes: disk.availableBytes,
  capacityBytes: disk.capacityBytes,
  usedBytes: bytes,
  inodesFree: disk.inodesFree,
  inodes: disk.inodes,
  inodesUsed: inodes,
})

function nodeDisks({ node, imageFs, imageUse }: Snapshot, time: string) {
  const images = imageFs ?? node.nodeFs
  const shown = imageUse === undefined ? filesystem(images, time) : partOf(images, imageUse, time)
  return {
    fs: filesystem(node.nodeFs, time),
    runtime: { imageFs: shown, containerFs: shown },
    rlimit: { time, maxpid: node.maxPids, curproc: node.runningPids },
  }
}

interface PodFacts {
  readonly time: string
  readonly onlyCpuAndMemory: boolean
}

const NO_MEMORY: MemoryUsage = { usageBytes: 0, workingSetBytes: 0, rssBytes: 0, pageFaults: 0, majorPageFaults: 0 }

function podSummary(pod: PodSnapshot, snapshot: Snapshot, facts: PodFacts) {
  const { namespace, name, uid, startedAt, usage, nanoCores, containers, volumes } = pod
  const { time, onlyCpuAndMemory } = facts
  const sum = (pick: (one: ContainerSnapshot) => number | undefined) =>
    containers.reduce((total, one) => total + (pick(one) ?? 0), 0)
  const memory = usage?.memory ?? {
    ...NO_MEMORY,
    usageBytes: sum(({ stats }) => stats?.memory?.usageBytes),
    workingSetBytes: sum(({ stats }) => stats?.memory?.workingSetBytes),
    rssBytes: sum(({ stats }) => stats?.memory?.rssBytes),
  }
  const nanos = usage?.cpuNanos ?? sum(({ stats }) => stats?.cpu?.usageCoreNanoSeconds)
  const isMeasured = containers.length > 0 && containers.every((one) => one.nanoCores !== undefined)
  const rates = isMeasured ? sum((one) => one.nanoCores) : undefined
  const { nodeFs } = snapshot.node
  const uses = containers.map(({ name: of, stats, logs }) => ({
    name: of,
    rootfs: { bytes: stats?.writableLayer?.usedBytes ?? 0, inodes: stats?.writableLayer?.inodesUsed ?? 0 },
    ...(logs !== undefined && { logs }),
  }))
  const onDisk = volumes.filter(({ isOnNodeDisk }) => isOnNodeDisk)
  const everything = diskUse({ containers: uses, volumes: onDisk }, ['rootfs', 'logs', 'volumes'])
  return {
    podRef: { name, namespace, uid },
    startTime: toTime(startedAt ?? snapshot.at),
    containers: containers.map((container) => containerSummary(container, snapshot, facts)),
    cpu: { ...cpuOf(nanos, nanoCores ?? rates, time), ...psiOf(pod.pressure.cpu) },
    memory: { ...memoryOf(memory, time), ...(usage !== undefined && roomIn(usage)), ...psiOf(pod.pressure.memory) },
    ...(usage !== undefined && swapOf(usage.memory, usage.swapLimitBytes, time)),
    ...(!onlyCpuAndMemory && {
      ...ioOf(pod.pressure, time),
      ...networkOf(pod.interfaces, time),
      volume: volumes.map((volume) => ({
        ...partOf(volume.disk, volume, time),
        name: volume.name,
        ...(volume.claim !== undefined && { pvcRef: volume.claim }),
      })),
      'ephemeral-storage': partOf(nodeFs, everything, time),
    }),
    ...(usage !== undefined && { process_stats: { process_count: usage.processes } }),
  }
}

const toldMemory = (memory: NonNullable<ContainerStats['memory']>) => ({
  ...plainMemory(memory),
  ...(memory.availableBytes !== undefined && { availableBytes: memory.availableBytes }),
})

function containerSummary(container: ContainerSnapshot, snapshot: Snapshot, { time, onlyCpuAndMemory }: PodFacts) {
  const { name, startedAt, stats, nanoCores, logs, usage, pressure } = container
  const { cpu, memory, writableLayer } = stats ?? {}
  const { node, imageFs = node.nodeFs } = snapshot
  // What the kernel counts goes before what the runtime tells of it: some tell of room where there is no limit.
  const known = usage === undefined ? memory && toldMemory(memory) : { ...plainMemory(usage.memory), ...roomIn(usage) }
  return {
    name,
    startTime: toTime(startedAt),
    ...(cpu?.usageCoreNanoSeconds !== undefined && {
      cpu: { ...cpuOf(cpu.usageCoreNanoSeconds, nanoCores, time), ...psiOf(pressure.cpu) },
    }),
    ...(known !== undefined && { memory: { time, ...known, ...psiOf(pressure.memory) } }),
    ...(usage !== undefined && swapOf(usage.memory, usage.swapLimitBytes, time)),
    ...(!onlyCpuAndMemory && ioOf(pressure, time)),
    ...(!onlyCpuAndMemory &&
      writableLayer !== undefined && {
        rootfs: partOf(imageFs, { bytes: writableLayer.usedBytes ?? 0, inodes: writableLayer.inodesUsed ?? 0 }, time),
      }),
    ...(logs !== undefined && { logs: partOf(node.nodeFs, logs, time) }),
  }
}
