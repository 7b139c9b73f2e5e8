/** What is used of a simulated machine: what its containers are said to use, and what others use beside them. */

import type { SimulatedTotal } from '../../cri/simulated/behaviour.ts'
import type { MachineFacts } from '../host.ts'
import type { CgroupUsage, FilesystemFacts, MemoryUsage, NodeUsage } from '../usage.ts'

/** What is used by others than Pods. */
export interface SimulatedLoad {
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly inodes: number
  readonly processes: number
}

export interface SimulatedUsageOptions {
  readonly machine: MachineFacts
  /** What the containers of one Pod use, or of all. */
  readonly containers: (podUid?: string) => SimulatedTotal
  readonly imageBytes: () => number
  /** The size of a disk for images and containers alone; absent: they share the node's. */
  readonly imageDiskBytes?: number
  /** Below it lie images and containers. */
  readonly imagePath: string
}

const IDLE: SimulatedLoad = { memoryBytes: 0, diskBytes: 0, inodes: 0, processes: 0 }
const INODES = 6_000_000
const MAX_PIDS = 32_768

export class SimulatedUsage {
  readonly #options: SimulatedUsageOptions
  #load = IDLE
  #podsLimit: number | undefined

  constructor(options: SimulatedUsageOptions) {
    this.#options = options
  }

  /** From now on others use this much; what is not stated stays. */
  load(change: Partial<SimulatedLoad>): void {
    this.#load = { ...this.#load, ...change }
  }

  limitPods(bytes: number): void {
    this.#podsLimit = bytes
  }

  node(): NodeUsage {
    const { machine, containers } = this.#options
    const pods = containers()
    const used = Math.min(machine.memoryBytes, this.#load.memoryBytes + pods.memoryBytes)
    return {
      cpuNanos: pods.cpuNanos,
      memoryCapacityBytes: machine.memoryBytes,
      memory: memoryOf(used),
      swapCapacityBytes: 0,
      pressure: {},
      interfaces: [],
      pods: { ...usageOf(pods), ...(this.#podsLimit !== undefined && { memoryLimitBytes: this.#podsLimit }) },
      nodeFs: this.#nodeFs(),
      maxPids: MAX_PIDS,
      runningPids: this.#load.processes + pods.processes,
    }
  }

  pod(uid: string): CgroupUsage {
    return usageOf(this.#options.containers(uid))
  }

  filesystem(path: string): FilesystemFacts {
    const { imagePath, imageDiskBytes } = this.#options
    if (imageDiskBytes === undefined || !path.startsWith(imagePath)) return this.#nodeFs()
    return disk('images', { size: imageDiskBytes, used: this.#imageBytes(), inodesUsed: 0 })
  }

  #nodeFs(): FilesystemFacts {
    const { machine, imageDiskBytes } = this.#options
    const images = imageDiskBytes === undefined ? this.#imageBytes() : 0
    const used = this.#load.diskBytes + images
    return disk('node', { size: machine.ephemeralStorageBytes, used, inodesUsed: this.#load.inodes })
  }

  #imageBytes(): number {
    return this.#options.imageBytes() + this.#options.containers().diskBytes
  }
}

const memoryOf = (bytes: number): MemoryUsage => ({
  usageBytes: bytes,
  workingSetBytes: bytes,
  rssBytes: bytes,
  pageFaults: 0,
  majorPageFaults: 0,
})

const usageOf = ({ cpuNanos, memoryBytes, processes }: SimulatedTotal): CgroupUsage => ({
  cpuNanos,
  memory: memoryOf(memoryBytes),
  processes,
})

function disk(
  device: string,
  { size, used, inodesUsed }: { readonly size: number; readonly used: number; readonly inodesUsed: number },
): FilesystemFacts {
  const usedBytes = Math.min(size, used)
  return {
    device,
    capacityBytes: size,
    availableBytes: size - usedBytes,
    usedBytes,
    inodes: INODES,
    inodesFree: Math.max(0, INODES - inodesUsed),
  }
}
