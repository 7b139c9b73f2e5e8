/** What is used of a machine, as its kernel counts it. */

/** The memory of a cgroup or of the whole machine. The working set is what cannot be had back by forgetting files. */
export interface MemoryUsage {
  readonly usageBytes: number
  readonly workingSetBytes: number
  readonly rssBytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
}

export interface CgroupUsage {
  readonly cpuNanos: number
  readonly memory: MemoryUsage
  /** Absent: there is none. */
  readonly memoryLimitBytes?: number
  readonly processes: number
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
  /** All Pods together; absent: none has run yet. */
  readonly pods?: CgroupUsage
  /** What holds the kubelet's files: volumes and logs. */
  readonly nodeFs: FilesystemFacts
  readonly maxPids: number
  readonly runningPids: number
}
