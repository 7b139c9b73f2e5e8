/** Everything under the kubelet of one simulated node: a machine, a runtime and its images, all in memory. */

import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { AddressPool } from './cri/simulated/address-pool.ts'
import type { BehaviourOf } from './cri/simulated/behaviour.ts'
import { simulatedImages, type SimulatedImagesOptions } from './cri/simulated/images.ts'
import { SIMULATED_DISK } from './cri/simulated/records.ts'
import { SimulatedRuntime } from './cri/simulated/runtime.ts'
import type { KubeletDeps } from './options.ts'
import type { MachineFacts } from './host/host.ts'
import { MemoryFiles } from './host/simulated/memory-files.ts'
import { simulatedHost } from './host/simulated/simulated-host.ts'
import { type SimulatedLoad, SimulatedUsage } from './host/simulated/usage.ts'

export type { SimulatedLoad } from './host/simulated/usage.ts'
export type {
  Behaviour,
  BehaviourOf,
  SimulatedContainer,
  SimulatedExec,
  SimulatedRequest,
} from './cri/simulated/behaviour.ts'
export { annotatedBehaviour } from './cri/simulated/behaviour.ts'

export interface SimulatedNodeOptions {
  readonly clock: Clock
  readonly random: Random
  /** Where the addresses of its Pods are from, e.g. `10.244.1.0/24`. */
  readonly podCidr: string
  /** Decides what containers do; their Pods' annotations do unless told otherwise. */
  readonly behaviour?: BehaviourOf
  /** Which images there are, and how long pulls take. */
  readonly images?: Omit<SimulatedImagesOptions, 'clock'>
  /** How long a sandbox takes to start; no time unless told otherwise. */
  readonly sandboxMs?: number
  /** What the machine is said to have; 8 CPUs and 32 GiB unless told otherwise. */
  readonly machine?: Partial<MachineFacts>
  /** The size of a disk for images and containers alone; absent: they share the machine's only one. */
  readonly imageDiskBytes?: number
}

/** What a kubelet needs of a machine. */
export interface SimulatedNode extends Pick<KubeletDeps, 'runtime' | 'images' | 'host'> {
  /** From now on others than Pods use this much of the machine; what is not stated stays. */
  load(change: Partial<SimulatedLoad>): void
  /** The loss of its power. */
  close(): void
}

const GIBIBYTE = 2 ** 30

export function simulatedNode(options: SimulatedNodeOptions): SimulatedNode {
  const { clock, random, podCidr, behaviour, sandboxMs } = options
  const files = new MemoryFiles()
  const images = simulatedImages({ clock, ...options.images })
  const runtime = new SimulatedRuntime({
    clock,
    random,
    addresses: new AddressPool(podCidr),
    images,
    files,
    ...(behaviour !== undefined && { behaviour }),
    ...(sandboxMs !== undefined && { sandboxMs }),
  })
  const machine: MachineFacts = {
    cpus: 8,
    memoryBytes: 32 * GIBIBYTE,
    pageBytes: 4096,
    swapBytes: 0,
    ephemeralStorageBytes: 100 * GIBIBYTE,
    hugepages: { '1Gi': 0, '2Mi': 0 },
    machineId: random.uuid().replaceAll('-', ''),
    systemUuid: random.uuid(),
    bootId: random.uuid(),
    bootedAt: clock.now(),
    kernelVersion: 'simulated',
    osImage: 'gorae simulated node',
    architecture: 'amd64',
    // Nothing runs here that a profile could keep from anything.
    appArmor: true,
    seLinux: true,
    ...options.machine,
  }
  const answer: SimulatedRuntime['answer'] = (address, request) => runtime.answer(address, request)
  const usage = new SimulatedUsage({
    machine,
    containers: (podUid) => runtime.usage(podUid),
    imageBytes: () => images.bytes(),
    imagePath: SIMULATED_DISK,
    ...(options.imageDiskBytes !== undefined && { imageDiskBytes: options.imageDiskBytes }),
  })
  return {
    runtime,
    images,
    host: simulatedHost({ machine, files, usage, answer }),
    load: (change) => usage.load(change),
    close: () => runtime.close(),
  }
}
