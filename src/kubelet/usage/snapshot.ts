/** Everything that is known at one moment of what a node and its Pods use. */

import type { Clock } from '../../base/clock.ts'
import { fromTime } from '../../base/clock.ts'
import type { ContainerStats, ImageService, RuntimeService } from '../cri/runtime.ts'
import { imageFilesystem } from '../eviction/observe.ts'
import type { NodeHost } from '../host/host.ts'
import type { CgroupUsage, FilesystemFacts, NodeUsage } from '../host/usage.ts'
import { isRunning } from '../pods/observed.ts'
import { namesOf, specOf } from '../pods/pod-view.ts'
import type { PodWorker } from '../pods/worker.ts'
import { qosClassOf } from '../resources/linux-resources.ts'
import { startedAtOf } from '../status/pod-status.ts'
import type { CpuRates } from './cpu-rate.ts'
import { logUse, measureVolumes } from './measure.ts'
import type { DiskUse, VolumeUse } from './pod-use.ts'

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
  readonly nanoCores: number | undefined
  readonly logs: DiskUse | undefined
}

export interface PodSnapshot {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly startedAt: number | undefined
  /** `undefined`: it has no cgroup of its own. */
  readonly usage: CgroupUsage | undefined
  readonly nanoCores: number | undefined
  readonly containers: readonly ContainerSnapshot[]
  readonly volumes: readonly VolumeUse[]
}

export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly node: NodeUsage
  readonly nanoCores: number | undefined
  readonly imageFs: FilesystemFacts | undefined
  /** What images take of their disk; `undefined`: the runtime does not tell. */
  readonly imageUse: DiskUse | undefined
  readonly pods: readonly PodSnapshot[]
}

/** `withDisks`: also what costs a walk through folders. */
export async function takeSnapshot(deps: SnapshotDeps, withDisks: boolean, signal: AbortSignal): Promise<Snapshot> {
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
  for (const worker of active) pods.push(await podSnapshot(worker, byId, { deps, withDisks }))
  rates.keepOnly(new Set(['node', ...active.map(({ uid }) => uid), ...byId.keys()]))
  return {
    at: clock.now(),
    node,
    nanoCores: rates.rate('node', node.cpuNanos),
    imageFs,
    imageUse: imageDisk && { bytes: imageDisk.usedBytes ?? 0, inodes: imageDisk.inodesUsed ?? 0 },
    pods,
  }
}

async function podSnapshot(
  { uid, pod, observed }: PodWorker,
  stats: ReadonlyMap<string, ContainerStats>,
  { deps, withDisks }: { readonly deps: SnapshotDeps; readonly withDisks: boolean },
): Promise<PodSnapshot> {
  const { host, rates } = deps
  const usage = await host.cgroups.usage({ uid, qosClass: qosClassOf(pod) })
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
        nanoCores: measured ?? told,
        logs: withDisks ? await logUse(logPath, host.logs) : undefined,
      }
    }),
  )
  const { namespace, name } = namesOf(pod)
  return {
    namespace,
    name,
    uid,
    startedAt: startedAtOf(pod.status) ?? fromTime(pod.metadata.creationTimestamp),
    usage,
    nanoCores: usage === undefined ? undefined : rates.rate(uid, usage.cpuNanos),
    containers,
    volumes: withDisks ? await measureVolumes(uid, specOf(pod).volumes ?? [], host) : [],
  }
}
