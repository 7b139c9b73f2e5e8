/** Looks now and then at what Pods with limits use of the node's disk, and ends those that use more. */

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { RuntimeService } from '../cri/runtime.ts'
import type { NodeHost } from '../host/host.ts'
import { isRunning } from '../pods/observed.ts'
import { specOf } from '../pods/pod-view.ts'
import type { PodWorker } from '../pods/worker.ts'
import { type DiskUsage, hasStorageLimits, storageExcess } from '../resources/storage-limits.ts'

const EVERY_MS = 10_000

export interface StorageDeps {
  readonly runtime: Pick<RuntimeService, 'listContainerStats'>
  readonly host: NodeHost
  readonly clock: Clock
  readonly log: Log
  readonly workers: { readonly all: readonly PodWorker[] }
}

/** Until `signal` aborts. Nothing is measured while no Pod has a limit. */
export async function keepStorageLimits(deps: StorageDeps, signal: AbortSignal): Promise<void> {
  for (;;) {
    await deps.clock.sleep(EVERY_MS, signal)
    for (const worker of deps.workers.all) {
      if (worker.phase !== 'syncing' || !hasStorageLimits(worker.pod)) continue
      try {
        const excess = storageExcess(worker.pod, await diskUsage(worker, deps, signal))
        if (excess !== undefined) worker.end(excess)
      } catch (error) {
        signal.throwIfAborted()
        deps.log.warn('could not measure what a Pod stores', { pod: worker.uid, error })
      }
    }
  }
}

async function diskUsage(
  { uid, pod, observed }: PodWorker,
  { runtime, host }: StorageDeps,
  signal: AbortSignal,
): Promise<DiskUsage> {
  const emptyDirs = new Map<string, number>()
  for (const { name, emptyDir } of specOf(pod).volumes ?? []) {
    if (emptyDir === undefined || emptyDir.medium === 'Memory') continue
    emptyDirs.set(name, (await host.volumes.emptyDirUse?.(uid, name))?.bytes ?? 0)
  }
  const containers = new Map<string, number>()
  for (const container of observed.containers.filter(isRunning)) {
    const [stats] = await runtime.listContainerStats({ id: container.id }, signal)
    const log = await host.logs.facts(container.logPath)
    containers.set(container.name, (stats?.writableLayer?.usedBytes ?? 0) + (log?.size ?? 0))
  }
  return { emptyDirs, containers }
}
