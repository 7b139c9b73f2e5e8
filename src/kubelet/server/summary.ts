/** What /stats/summary tells (https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source). Pure. */

import { toTime } from '../../base/clock.ts'
import type { CgroupUsage, FilesystemFacts, MemoryUsage } from '../host/usage.ts'
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
  const { at, node: usage, nanoCores, pods } = snapshot
  const time = toTime(at)
  const available = Math.max(0, usage.memoryCapacityBytes - usage.memory.workingSetBytes)
  return {
    node: {
      nodeName: node,
      ...(usage.pods !== undefined && { systemContainers: [podsContainer(usage.pods, startedAt, time)] }),
      startTime: toTime(startedAt),
      cpu: cpuOf(usage.cpuNanos, nanoCores, time),
      memory: { ...memoryOf(usage.memory, time), availableBytes: available },
      ...(!onlyCpuAndMemory && nodeDisks(snapshot, time)),
    },
    pods: pods.map((pod) => podSummary(pod, snapshot, { time, onlyCpuAndMemory })),
  }
}

const cpuOf = (nanos: number, nanoCores: number | undefined, time: string) => ({
  time,
  ...(nanoCores !== undefined && { usageNanoCores: nanoCores }),
  usageCoreNanoSeconds: nanos,
})

const memoryOf = (
  { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults }: MemoryUsage,
  time: string,
) => ({
  time,
  usageBytes,
  workingSetBytes,
  rssBytes,
  pageFaults,
  majorPageFaults,
})

/** What can still be had of a limit. */
const roomIn = ({ memoryLimitBytes, memory }: CgroupUsage) =>
  memoryLimitBytes === undefined ? {} : { availableBytes: Math.max(0, memoryLimitBytes - memory.workingSetBytes) }

const podsContainer = (pods: CgroupUsage, startedAt: number, time: string) => ({
  name: 'pods',
  startTime: toTime(startedAt),
  cpu: cpuOf(pods.cpuNanos, undefined, time),
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
  const everything = diskUse({ containers: uses, volumes }, ['rootfs', 'logs', 'volumes'])
  return {
    podRef: { name, namespace, uid },
    startTime: toTime(startedAt ?? snapshot.at),
    containers: containers.map((container) => containerSummary(container, snapshot, facts)),
    cpu: cpuOf(nanos, nanoCores ?? rates, time),
    memory: { ...memoryOf(memory, time), ...(usage !== undefined && roomIn(usage)) },
    ...(!onlyCpuAndMemory && {
      volume: volumes.map((volume) => ({ ...partOf(nodeFs, volume, time), name: volume.name })),
      'ephemeral-storage': partOf(nodeFs, everything, time),
    }),
    ...(usage !== undefined && { process_stats: { process_count: usage.processes } }),
  }
}

function containerSummary(container: ContainerSnapshot, snapshot: Snapshot, { time, onlyCpuAndMemory }: PodFacts) {
  const { name, startedAt, stats, nanoCores, logs } = container
  const { cpu, memory, writableLayer } = stats ?? {}
  const { node, imageFs = node.nodeFs } = snapshot
  const { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, availableBytes } = memory ?? {}
  const known = { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, availableBytes }
  return {
    name,
    startTime: toTime(startedAt),
    ...(cpu?.usageCoreNanoSeconds !== undefined && { cpu: cpuOf(cpu.usageCoreNanoSeconds, nanoCores, time) }),
    ...(memory !== undefined && { memory: { time, ...known } }),
    ...(!onlyCpuAndMemory &&
      writableLayer !== undefined && {
        rootfs: partOf(imageFs, { bytes: writableLayer.usedBytes ?? 0, inodes: writableLayer.inodesUsed ?? 0 }, time),
      }),
    ...(logs !== undefined && { logs: partOf(node.nodeFs, logs, time) }),
  }
}
