/** The names, words and sources of the figures that /metrics/cadvisor tells of a cgroup. Pure. */

import type {
  CgroupDetails,
  CgroupPressure,
  CgroupUsage,
  DeviceUse,
  DiskUse,
  FilesystemFacts,
  InterfaceUsage,
  MemoryUsage,
  Traffic,
} from '../host/usage.ts'
import type { Labels } from '../../base/metrics/text.ts'

/** A cgroup that is watched: the machine's, all Pods', a Pod's, or a container's. */
export interface Watched {
  readonly labels: Labels
  readonly startedAt: number | undefined
  readonly cpuNanos: number | undefined
  readonly memory: Partial<MemoryUsage>
  readonly usage: CgroupUsage | undefined
  readonly details: CgroupDetails | undefined
  readonly pressure: CgroupPressure
  readonly interfaces: readonly InterfaceUsage[]
  readonly writtenBytes: number | undefined
}

const seconds = (count: number | undefined, ofASecond: number) => (count === undefined ? undefined : count / ofASecond)
/** Seconds of nanoseconds. */
export const nanos = (count: number | undefined) => seconds(count, 1e9)
const micros = (count: number | undefined) => seconds(count, 1e6)

/** What a figure is of a cgroup; `undefined`: nobody knows. */
export type Value = (one: Watched) => number | undefined
type Figure = readonly [name: string, help: string, type: 'counter' | 'gauge', value: Value]

/** Without a quota there is nothing that throttles. */
const quoted =
  (value: (cpu: CgroupDetails['cpu']) => number | undefined): Value =>
  ({ details }) =>
    details?.cpu.quotaMicros === undefined ? undefined : value(details.cpu)

const stalled = (of: keyof CgroupPressure, who: 'some' | 'full'): Value => {
  return ({ pressure }) => micros(pressure[of]?.[who].totalMicros)
}

/** Those that a cgroup has once. */
export const FIGURES: readonly Figure[] = [
  [
    'cpu_user_seconds_total',
    'Cumulative user cpu time consumed in seconds.',
    'counter',
    ({ details }) => nanos(details?.cpu.userNanos),
  ],
  [
    'cpu_system_seconds_total',
    'Cumulative system cpu time consumed in seconds.',
    'counter',
    ({ details }) => nanos(details?.cpu.systemNanos),
  ],
  [
    'cpu_cfs_periods_total',
    'Number of elapsed enforcement period intervals.',
    'counter',
    quoted(({ periods }) => periods),
  ],
  [
    'cpu_cfs_throttled_periods_total',
    'Number of throttled period intervals.',
    'counter',
    quoted(({ throttledPeriods }) => throttledPeriods),
  ],
  [
    'cpu_cfs_throttled_seconds_total',
    'Total time duration the container has been throttled.',
    'counter',
    quoted(({ throttledNanos }) => nanos(throttledNanos)),
  ],
  ['spec_cpu_period', 'CPU period of the container.', 'gauge', ({ details }) => details?.cpu.periodMicros],
  ['spec_cpu_quota', 'CPU quota of the container.', 'gauge', ({ details }) => details?.cpu.quotaMicros],
  ['spec_cpu_shares', 'CPU share of the container.', 'gauge', ({ details }) => details?.cpu.shares],
  ['memory_cache', 'Number of bytes of page cache memory.', 'gauge', ({ details }) => details?.memory.cacheBytes],
  ['memory_rss', 'Size of RSS in bytes.', 'gauge', ({ memory }) => memory.rssBytes],
  [
    'memory_kernel_usage',
    'Size of kernel memory allocated in bytes.',
    'gauge',
    ({ details }) => details?.memory.kernelBytes,
  ],
  [
    'memory_mapped_file',
    'Size of memory mapped files in bytes.',
    'gauge',
    ({ details }) => details?.memory.mappedFileBytes,
  ],
  ['memory_swap', 'Container swap usage in bytes.', 'gauge', ({ memory, usage }) => memory.swapBytes ?? (usage && 0)],
  ['memory_failcnt', 'Number of memory usage hits limits', 'counter', ({ details }) => details?.memory.limitHits],
  [
    'memory_usage_bytes',
    'Current memory usage in bytes, including all memory regardless of when it was accessed',
    'gauge',
    ({ memory }) => memory.usageBytes,
  ],
  [
    'memory_max_usage_bytes',
    'Maximum memory usage recorded in bytes',
    'gauge',
    ({ details }) => details?.memory.maxUsageBytes,
  ],
  ['memory_working_set_bytes', 'Current working set in bytes.', 'gauge', ({ memory }) => memory.workingSetBytes],
  [
    'memory_total_active_file_bytes',
    'Current total active file in bytes.',
    'gauge',
    ({ details }) => details?.memory.activeFileBytes,
  ],
  [
    'memory_total_inactive_file_bytes',
    'Current total inactive file in bytes.',
    'gauge',
    ({ details }) => details?.memory.inactiveFileBytes,
  ],
  [
    'spec_memory_limit_bytes',
    'Memory limit for the container.',
    'gauge',
    ({ usage }) => usage && (usage.memoryLimitBytes ?? 0),
  ],
  [
    'spec_memory_swap_limit_bytes',
    'Memory swap limit for the container.',
    'gauge',
    ({ usage }) => usage && (usage.swapLimitBytes ?? 0),
  ],
  [
    'spec_memory_reservation_limit_bytes',
    'Memory reservation limit for the container.',
    'gauge',
    ({ details }) => details?.memory.reservedBytes,
  ],
  [
    'file_descriptors',
    'Number of open file descriptors for the container.',
    'gauge',
    ({ details }) => details?.processes?.files,
  ],
  ['sockets', 'Number of open sockets for the container.', 'gauge', ({ details }) => details?.processes?.sockets],
  // Images have checks of health that no kubelet runs.
  ['health_state', "The result of the container's health check", 'gauge', () => -1],
  [
    'oom_events_total',
    'Count of out of memory events observed for the container',
    'counter',
    ({ details }) => details?.memory.outOfMemoryKills,
  ],
  ['processes', 'Number of processes running inside the container.', 'gauge', ({ usage }) => usage?.processes],
  ['threads', 'Number of threads running inside the container', 'gauge', ({ details }) => details?.threads],
  [
    'threads_max',
    'Maximum number of threads allowed inside the container, infinity if value is zero',
    'gauge',
    ({ details }) => (details?.threads === undefined ? undefined : (details.maxThreads ?? 0)),
  ],
  [
    'fs_usage_bytes',
    'Number of bytes that are consumed by the container on this filesystem.',
    'gauge',
    ({ writtenBytes }) => writtenBytes,
  ],
  [
    'start_time_seconds',
    'Start time of the container since unix epoch in seconds.',
    'gauge',
    ({ startedAt }) => seconds(startedAt, 1000),
  ],
  [
    'pressure_cpu_stalled_seconds_total',
    'Total time duration no tasks in the container could make progress due to CPU congestion.',
    'counter',
    stalled('cpu', 'full'),
  ],
  [
    'pressure_cpu_waiting_seconds_total',
    'Total time duration tasks in the container have waited due to CPU congestion.',
    'counter',
    stalled('cpu', 'some'),
  ],
  [
    'pressure_memory_stalled_seconds_total',
    'Total time duration no tasks in the container could make progress due to memory congestion.',
    'counter',
    stalled('memory', 'full'),
  ],
  [
    'pressure_memory_waiting_seconds_total',
    'Total time duration tasks in the container have waited due to memory congestion.',
    'counter',
    stalled('memory', 'some'),
  ],
  [
    'pressure_io_stalled_seconds_total',
    'Total time duration no tasks in the container could make progress due to IO congestion.',
    'counter',
    stalled('io', 'full'),
  ],
  [
    'pressure_io_waiting_seconds_total',
    'Total time duration tasks in the container have waited due to IO congestion.',
    'counter',
    stalled('io', 'some'),
  ],
]

type DeviceFigure = readonly [name: string, help: string, value: (use: DeviceUse) => number]

/** Those that it has for each block device. */
export const DEVICE_FIGURES: readonly DeviceFigure[] = [
  ['fs_reads_bytes_total', 'Cumulative count of bytes read', ({ readBytes }) => readBytes],
  ['fs_reads_total', 'Cumulative count of reads completed', ({ reads }) => reads],
  ['fs_writes_bytes_total', 'Cumulative count of bytes written', ({ writtenBytes }) => writtenBytes],
  ['fs_writes_total', 'Cumulative count of writes completed', ({ writes }) => writes],
]

type DiskFigure = readonly [name: string, help: string, type: 'counter' | 'gauge', value: (use: DiskUse) => number]

/** Those that the machine has of the disk under its Pods. */
export const DISK_FIGURES: readonly DiskFigure[] = [
  ['fs_reads_merged_total', 'Cumulative count of reads merged', 'counter', ({ readsMerged }) => readsMerged],
  ['fs_sector_reads_total', 'Cumulative count of sector reads completed', 'counter', ({ sectorsRead }) => sectorsRead],
  ['fs_read_seconds_total', 'Cumulative count of seconds spent reading', 'counter', ({ readMs }) => readMs / 1000],
  ['fs_writes_merged_total', 'Cumulative count of writes merged', 'counter', ({ writesMerged }) => writesMerged],
  [
    'fs_sector_writes_total',
    'Cumulative count of sector writes completed',
    'counter',
    ({ sectorsWritten }) => sectorsWritten,
  ],
  ['fs_write_seconds_total', 'Cumulative count of seconds spent writing', 'counter', ({ writeMs }) => writeMs / 1000],
  ['fs_io_current', 'Number of I/Os currently in progress', 'gauge', ({ inProgress }) => inProgress],
  [
    'fs_io_time_seconds_total',
    'Cumulative count of seconds spent doing I/Os',
    'counter',
    ({ busyMs }) => busyMs / 1000,
  ],
  [
    'fs_io_time_weighted_seconds_total',
    'Cumulative weighted I/O time in seconds',
    'counter',
    ({ weightedMs }) => weightedMs / 1000,
  ],
]

type FilesystemFigure = readonly [name: string, help: string, value: (facts: FilesystemFacts) => number]

/** Those of the file system on it. */
export const FILESYSTEM_FIGURES: readonly FilesystemFigure[] = [
  [
    'fs_limit_bytes',
    'Number of bytes that can be consumed by the container on this filesystem.',
    ({ capacityBytes }) => capacityBytes,
  ],
  ['fs_inodes_total', 'Number of Inodes', ({ inodes }) => inodes],
  ['fs_inodes_free', 'Number of available Inodes', ({ inodesFree }) => inodesFree],
]

type TrafficFigure = readonly [name: string, received: string, sent: string, value: (traffic: Traffic) => number]

/** Those that it has for each network interface, both ways. */
export const TRAFFIC_FIGURES: readonly TrafficFigure[] = [
  ['bytes_total', 'Cumulative count of bytes received', 'Cumulative count of bytes transmitted', ({ bytes }) => bytes],
  [
    'packets_total',
    'Cumulative count of packets received',
    'Cumulative count of packets transmitted',
    ({ packets }) => packets,
  ],
  [
    'packets_dropped_total',
    'Cumulative count of packets dropped while receiving',
    'Cumulative count of packets dropped while transmitting',
    ({ dropped }) => dropped,
  ],
  [
    'errors_total',
    'Cumulative count of errors encountered while receiving',
    'Cumulative count of errors encountered while transmitting',
    ({ errors }) => errors,
  ],
]
