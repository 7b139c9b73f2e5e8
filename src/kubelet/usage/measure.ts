/** Measures what Pods use. Costly: asked for when somebody wants to know, or somebody has to go. */

import { qosClassOf } from '../../api/core/v1/pod/facts.ts'
import type { ContainerStats, RuntimeService } from '../cri/runtime.ts'
import type { NodeHost } from '../host/host.ts'
import { isRunning, type ObservedContainer } from '../pods/observed.ts'
import { specOf } from '../pods/pod-view.ts'
import type { PodWorker } from '../pods/worker.ts'
import type { ContainerUse, DiskUse, PodUse, VolumeUse } from './pod-use.ts'

export interface MeasureDeps {
  readonly runtime: Pick<RuntimeService, 'listContainerStats'>
  readonly host: Pick<NodeHost, 'cgroups' | 'logs' | 'volumes'>
}

/** What each of these Pods uses, by uid. */
export async function measurePods(
  workers: readonly PodWorker[],
  deps: MeasureDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PodUse>> {
  const stats = new Map((await deps.runtime.listContainerStats({}, signal)).map((one) => [one.id, one]))
  const uses = new Map<string, PodUse>()
  // One Pod after the other: reading a thousand folders at once helps nobody who is short of memory.
  for (const worker of workers) {
    signal.throwIfAborted()
    uses.set(worker.uid, await measurePod(worker, stats, deps))
  }
  return uses
}

async function measurePod(
  { uid, pod, observed }: PodWorker,
  stats: ReadonlyMap<string, ContainerStats>,
  { host }: MeasureDeps,
): Promise<PodUse> {
  const containers = await Promise.all(
    observed.containers
      .filter(isRunning)
      .map((container) => measureContainer(container, stats.get(container.id), host)),
  )
  const cgroup = await host.cgroups.usage({ uid, qosClass: qosClassOf(pod) })
  const known = containers.filter(({ memoryBytes }) => memoryBytes !== undefined)
  const sum = known.reduce((total, { memoryBytes = 0 }) => total + memoryBytes, 0)
  // Volumes in memory are the Pod's and no container's.
  const memoryBytes = cgroup === undefined && known.length === 0 ? undefined : (cgroup?.memory.workingSetBytes ?? sum)
  return {
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(cgroup !== undefined && { processes: cgroup.processes }),
    containers,
    volumes: await measureVolumes(uid, specOf(pod).volumes ?? [], host),
  }
}

async function measureContainer(
  { name, logPath }: ObservedContainer,
  stats: ContainerStats | undefined,
  { logs }: MeasureDeps['host'],
): Promise<ContainerUse> {
  const { memory, writableLayer } = stats ?? {}
  return {
    name,
    ...(memory?.workingSetBytes !== undefined && { memoryBytes: memory.workingSetBytes }),
    ...(writableLayer !== undefined && {
      rootfs: { bytes: writableLayer.usedBytes ?? 0, inodes: writableLayer.inodesUsed ?? 0 },
    }),
    logs: await logUse(logPath, logs),
  }
}

/** A container's log with what was moved away. */
export async function logUse(path: string, logs: Pick<NodeHost['logs'], 'facts' | 'rotated'>): Promise<DiskUse> {
  const files = [path, ...(await logs.rotated(path))]
  const facts = await Promise.all(files.map((file) => logs.facts(file)))
  const found = facts.filter((each) => each !== undefined)
  return { bytes: found.reduce((sum, { size }) => sum + size, 0), inodes: found.length }
}

/** What its emptyDirs take of the disk. */
async function measureVolumes(
  uid: string,
  volumes: readonly { readonly name: string; readonly emptyDir?: { readonly medium?: string } }[],
  { volumes: files }: MeasureDeps['host'],
): Promise<readonly VolumeUse[]> {
  const uses: VolumeUse[] = []
  for (const { name, emptyDir } of volumes) {
    if (emptyDir === undefined || emptyDir.medium === 'Memory') continue
    const use = await files.emptyDirUse?.(uid, name).catch(() => undefined)
    if (use !== undefined) uses.push({ name, ...use })
  }
  return uses
}
