/** Everything that is known at one moment of what a node and its Pods use. */

import { qosClassOf } from '../../api/core/v1/pod/facts.ts'
import type { Clock } from '../../base/clock.ts'
import { fromTime } from '../../base/clock.ts'
import type { ContainerStats, ImageService, RuntimeService } from '../cri/runtime.ts'
import { imageFilesystem } from '../eviction/observe.ts'
import type { NodeHost } from '../host/host.ts'
import type {
  CgroupDetails,
  CgroupPressure,
  CgroupUsage,
  FilesystemFacts,
  InterfaceUsage,
  NodeUsage,
} from '../host/usage.ts'
import { isRunning } from '../pods/observed.ts'
import { namesOf } from '../pods/pod-view.ts'
import type { PodWorker } from '../pods/worker.ts'
import { startedAtOf } from '../status/pod-status.ts'
import type { CpuRates } from './cpu-rate.ts'
import { logUse } from './measure.ts'
import type { DiskUse } from './pod-use.ts'
import { measureMade, type VolumeSnapshot } from './volume-use.ts'

export interface SnapshotDeps {
  readonly runtime: Pick<RuntimeService, 'listContainerStats'>
  readonly images: Pick<ImageService, 'imageFsInfo'>
  readonly host: NodeHost
  readonly clock: Clock
  readonly rates: CpuRates
  readonly workers: { readonly all: readonly PodWorker[] }
}

export interface ContainerSnapshot {
  readonly name: string
  readonly id: string
  readonly image: string
  readonly startedAt: number
  readonly stats: ContainerStats | undefined
  /** `undefined`: it has no cgroup of its own. */
  readonly usage: CgroupUsage | undefined
  readonly nanoCores: number | undefined
  readonly logs: DiskUse | undefined
  readonly details: CgroupDetails | undefined
  readonly pressure: CgroupPressure
}

export interface PodSnapshot {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly startedAt: number | undefined
  /** The name of its cgroup, in which its containers' have their ids for names. */
  readonly cgroup: string
  /** `undefined`: it has no cgroup of its own. */
  readonly usage: CgroupUsage | undefined
  readonly nanoCores: number | undefined
  readonly containers: readonly ContainerSnapshot[]
  readonly volumes: readonly VolumeSnapshot[]
  readonly details: CgroupDetails | undefined
  readonly pressure: CgroupPressure
  readonly interfaces: readonly InterfaceUsage[]
}

export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly node: NodeUsage
  readonly nanoCores: number | undefined
  /** All Pods together. */
  readonly podsNanoCores: number | undefined
  readonly imageFs: FilesystemFacts | undefined
  /** What images take of their disk; `undefined`: the runtime does not tell. */
  readonly imageUse: DiskUse | undefined
  readonly pods: readonly PodSnapshot[]
}

/** How much of a snapshot is wanted besides CPU time and memory. */
export interface SnapshotDepth {
  /** What costs a walk through folders. */
  readonly disks?: boolean
  /** Every figure that the kernel has of a cgroup. */
  readonly details?: boolean
  /** What Pods send and receive, and how long they wait. */
  readonly traffic?: boolean
}

export async function takeSnapshot(deps: SnapshotDeps, depth: SnapshotDepth, signal: AbortSignal): Promise<Snapshot> {
  const { runtime, images, host, clock, rates, workers } = deps
  const active = workers.all.filter(({ phase }) => phase !== 'terminated')
  const [node, stats, imageFs, imageInfo] = await Promise.all([
    host.usage(),
    runtime.listContainerStats({}, signal),
    imageFilesystem({ host, images }, signal),
    images.imageFsInfo(signal).catch(() => []),
  ])
  const [imageDisk] = imageInfo
  const byId = new Map(stats.map((one) => [one.id, one]))
  const pods: PodSnapshot[] = []
  for (const worker of active) pods.push(await podSnapshot(worker, byId, { deps, depth }))
  rates.keepOnly(new Set(['node', 'pods', ...active.map(({ uid }) => uid), ...byId.keys()]))
  return {
    at: clock.now(),
    node,
    nanoCores: rates.rate('node', node.cpuNanos),
    podsNanoCores: node.pods === undefined ? undefined : rates.rate('pods', node.pods.cpuNanos),
    imageFs,
    imageUse: imageDisk && { bytes: imageDisk.usedBytes ?? 0, inodes: imageDisk.inodesUsed ?? 0 },
    pods,
  }
}

async function podSnapshot(
  { uid, pod, observed, madeVolumes }: PodWorker,
  stats: ReadonlyMap<string, ContainerStats>,
  { deps, depth }: { readonly deps: SnapshotDeps; readonly depth: SnapshotDepth },
): Promise<PodSnapshot> {
  const { host, rates } = deps
  const { cgroups } = host
  const owner = { uid, qosClass: qosClassOf(pod) }
  const more = async (container?: string) => ({
    details: depth.details === true ? await cgroups.details?.(owner, container) : undefined,
    pressure: (depth.traffic === true ? await cgroups.pressure?.(owner, container) : undefined) ?? {},
  })
  const usage = await cgroups.usage(owner)
  const containers = await Promise.all(
    observed.containers.filter(isRunning).map(async ({ id, name, image, startedAt, logPath }) => {
      const own = stats.get(id)
      const nanos = own?.cpu?.usageCoreNanoSeconds
      // Some runtimes tell a rate of nothing before they have measured one.
      const told = own?.cpu?.usageNanoCores === 0 ? undefined : own?.cpu?.usageNanoCores
      const measured = nanos === undefined ? undefined : rates.rate(id, nanos)
      return {
        id,
        name,
        image: image.image,
        startedAt,
        stats: own,
        usage: await cgroups.containerUsage(owner, id),
        ...(await more(id)),
        nanoCores: measured ?? told,
        logs: depth.disks === true ? await logUse(logPath, host.logs) : undefined,
      }
    }),
  )
  const { namespace, name } = namesOf(pod)
  return {
    namespace,
    name,
    uid,
    startedAt: startedAtOf(pod.status) ?? fromTime(pod.metadata.creationTimestamp),
    cgroup: cgroups.parentOf(owner),
    usage,
    nanoCores: usage === undefined ? undefined : rates.rate(uid, usage.cpuNanos),
    containers,
    volumes: depth.disks === true ? await measureMade(pod, madeVolumes, host) : [],
    interfaces: (depth.traffic === true ? await cgroups.interfaces?.(owner) : undefined) ?? [],
    ...(await more()),
  }
}
