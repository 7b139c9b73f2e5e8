/** What is used of a machine, as its kernel counts it. */

/** The memory of a cgroup or of the whole machine. The working set is what cannot be had back by forgetting files. */
export interface MemoryUsage {
  readonly usageBytes: number
  readonly workingSetBytes: number
  readonly rssBytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  /** What of it lies on swap devices; absent: the kernel does not count that. */
  readonly swapBytes?: number
}

export interface CgroupUsage {
  readonly cpuNanos: number
  readonly memory: MemoryUsage
  /** Absent: there is none. */
  readonly memoryLimitBytes?: number
  /** How much it may swap; absent: as much as there is. */
  readonly swapLimitBytes?: number
  readonly processes: number
}

/** How long work has stood still for want of something, and the share of the last 10, 60 and 300 seconds in percent. */
export interface StallTime {
  readonly totalMicros: number
  readonly avg10: number
  readonly avg60: number
  readonly avg300: number
}

/** `some`: at least one task waited; `full`: all of them did (https://docs.kernel.org/accounting/psi.html). */
export interface Pressure {
  readonly some: StallTime
  readonly full: StallTime
}

/** What version 2 tells of a cgroup that waits. */
export interface CgroupPressure {
  readonly cpu?: Pressure
  readonly memory?: Pressure
  readonly io?: Pressure
}

/** What a cgroup has read from and written to one block device. */
export interface DeviceUse {
  /** `MAJOR:MINOR`. */
  readonly device: string
  readonly readBytes: number
  readonly writtenBytes: number
  readonly reads: number
  readonly writes: number
}

export const PROCESS_STATES = ['sleeping', 'running', 'stopped', 'uninterruptible'] as const
export type ProcessState = (typeof PROCESS_STATES)[number]

/** What the processes of a cgroup hold, and how many of them are at what. */
export interface ProcessUse {
  readonly files: number
  /** How many of those are sockets. */
  readonly sockets: number
  readonly states: ReadonlyMap<ProcessState, number>
  /** How many files the first of them may have open; -1: as many as it likes. */
  readonly maxOpenFiles?: number
}

/** What was done with a disk since the machine started. Merged: done together with one beside it. */
export interface DiskUse {
  /** E.g. `/dev/sda`. */
  readonly device: string
  readonly reads: number
  readonly readsMerged: number
  /** Of 512 bytes each. */
  readonly sectorsRead: number
  readonly readMs: number
  readonly writes: number
  readonly writesMerged: number
  readonly sectorsWritten: number
  readonly writeMs: number
  readonly inProgress: number
  readonly busyMs: number
  /** Counted for each request that was under way. */
  readonly weightedMs: number
}

/** What else is counted of a cgroup, for those who watch closely. What the kernel does not tell is absent. */
export interface CgroupDetails {
  readonly cpu: {
    readonly userNanos?: number
    readonly systemNanos?: number
    readonly periods?: number
    readonly throttledPeriods?: number
    readonly throttledNanos?: number
    readonly quotaMicros?: number
    readonly periodMicros?: number
    readonly shares?: number
  }
  readonly memory: {
    readonly cacheBytes?: number
    readonly mappedFileBytes?: number
    readonly kernelBytes?: number
    readonly maxUsageBytes?: number
    readonly activeFileBytes?: number
    readonly inactiveFileBytes?: number
    /** How often it wanted more than its limit. */
    readonly limitHits?: number
    /** What is kept for it when memory is short. */
    readonly reservedBytes?: number
    readonly outOfMemoryKills?: number
  }
  readonly devices: readonly DeviceUse[]
  /** Absent: nobody has looked. */
  readonly processes?: ProcessUse
  readonly threads?: number
  readonly maxThreads?: number
}

/** What went one way through a network interface. */
export interface Traffic {
  readonly bytes: number
  readonly packets: number
  readonly errors: number
  readonly dropped: number
}

export interface InterfaceUsage {
  readonly name: string
  readonly received: Traffic
  readonly sent: Traffic
}

export interface FilesystemFacts {
  /** Tells file systems apart. */
  readonly device: string
  readonly capacityBytes: number
  readonly availableBytes: number
  readonly usedBytes: number
  readonly inodes: number
  readonly inodesFree: number
}

export interface NodeUsage {
  readonly cpuNanos: number
  readonly memoryCapacityBytes: number
  readonly memory: MemoryUsage
  readonly swapCapacityBytes: number
  readonly pressure: CgroupPressure
  /** Of the node's network namespace. */
  readonly interfaces: readonly InterfaceUsage[]
  /** All Pods together; absent: none has run yet. */
  readonly pods?: CgroupUsage
  /** What holds the kubelet's files: volumes and logs. */
  readonly nodeFs: FilesystemFacts
  /** The disk under it; absent: it is on none. */
  readonly nodeDisk?: DiskUse
  readonly maxPids: number
  readonly runningPids: number
}
