/** What the kubelet sees of its node: cheap enough to be looked at all day. */

import type { ImageService } from '../cri/runtime.ts'
import type { NodeHost } from '../host/host.ts'
import type { FilesystemFacts, NodeUsage } from '../host/usage.ts'
import type { Observation, Observations, Signal } from './signals.ts'

export interface ObserveDeps {
  readonly host: Pick<NodeHost, 'usage' | 'filesystem'>
  readonly images: Pick<ImageService, 'imageFsInfo'>
}

export interface Observed {
  readonly observations: Observations
  /** Images and containers have a disk for themselves. */
  readonly hasImageDisk: boolean
}

/** Throws when the machine cannot be looked at; a runtime that does not answer only hides its disk. */
export async function observe({ host, images }: ObserveDeps, signal: AbortSignal): Promise<Observed> {
  const [node, imageFs] = await Promise.all([host.usage(), imageFilesystem({ host, images }, signal)])
  const hasImageDisk = imageFs !== undefined && imageFs.device !== node.nodeFs.device
  return {
    observations: new Map([...nodeSignals(node), ...diskSignals('imagefs', imageFs ?? node.nodeFs)]),
    hasImageDisk,
  }
}

/** The file system that holds images; `undefined` while the runtime does not tell. */
export async function imageFilesystem(
  { host, images }: ObserveDeps,
  signal: AbortSignal,
): Promise<FilesystemFacts | undefined> {
  try {
    const [usage] = await images.imageFsInfo(signal)
    return usage === undefined ? undefined : await host.filesystem(usage.mountpoint)
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

type Seen = readonly (readonly [Signal, Observation])[]

function nodeSignals({ memory, memoryCapacityBytes, pods, nodeFs, maxPids, runningPids }: NodeUsage): Seen {
  const limit = pods?.memoryLimitBytes
  return [
    [
      'memory.available',
      { available: Math.max(0, memoryCapacityBytes - memory.workingSetBytes), capacity: memoryCapacityBytes },
    ],
    ...(pods === undefined || limit === undefined
      ? []
      : [
          [
            'allocatableMemory.available',
            { available: Math.max(0, limit - pods.memory.workingSetBytes), capacity: limit },
          ] as const,
        ]),
    ...diskSignals('nodefs', nodeFs),
    ['pid.available', { available: Math.max(0, maxPids - runningPids), capacity: maxPids }],
  ]
}

const diskSignals = (name: 'nodefs' | 'imagefs', disk: FilesystemFacts): Seen => [
  [`${name}.available`, { available: disk.availableBytes, capacity: disk.capacityBytes }],
  [`${name}.inodesFree`, { available: disk.inodesFree, capacity: disk.inodes }],
]
