/** What one Pod uses of its node at a moment. What could not be measured is absent. */

export interface PodUse {
  /** The Pod's working set. */
  readonly memoryBytes?: number
  readonly processes?: number
  readonly containers: readonly ContainerUse[]
  /** Volumes on the node's disk that go with the Pod. */
  readonly volumes: readonly VolumeUse[]
}

export interface ContainerUse {
  readonly name: string
  readonly memoryBytes?: number
  /** What it has written beside its volumes. */
  readonly rootfs?: DiskUse
  readonly logs?: DiskUse
}

export interface DiskUse {
  readonly bytes: number
  readonly inodes: number
}

export interface VolumeUse extends DiskUse {
  readonly name: string
}

const NOTHING: DiskUse = { bytes: 0, inodes: 0 }

/** Which of a Pod's files a disk carries. */
export type DiskPart = 'rootfs' | 'logs' | 'volumes'

/** What the Pod takes of a disk that carries these parts. */
export function diskUse({ containers, volumes }: PodUse, parts: readonly DiskPart[]): DiskUse {
  const used: readonly DiskUse[] = [
    ...(parts.includes('rootfs') ? containers.map(({ rootfs }) => rootfs ?? NOTHING) : []),
    ...(parts.includes('logs') ? containers.map(({ logs }) => logs ?? NOTHING) : []),
    ...(parts.includes('volumes') ? volumes : []),
  ]
  return used.reduce((sum, { bytes, inodes }) => ({ bytes: sum.bytes + bytes, inodes: sum.inodes + inodes }), NOTHING)
}
