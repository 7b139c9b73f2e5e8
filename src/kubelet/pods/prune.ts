/** Takes away dead containers that nobody asks for any more. */

import type { RuntimeService } from '../cri/runtime.ts'
import type { LogFiles, PodFiles } from '../host/host.ts'
import { latestOf, mayRun, type ObservedContainer, type ObservedPod } from './observed.ts'

export interface PruneDeps {
  readonly runtime: Pick<RuntimeService, 'removeContainer'>
  readonly host: { readonly logs: Pick<LogFiles, 'rotated' | 'delete'>; readonly pods: Pick<PodFiles, 'unlinkLog'> }
}

/** Of every container, the newest and the newest that has ended stay; what is older goes, with its logs. */
export async function pruneContainers(observed: ObservedPod, deps: PruneDeps, signal: AbortSignal): Promise<void> {
  const ended = observed.containers.filter((one) => !mayRun(one))
  const kept = new Map(ended.toReversed().map((container) => [container.name, container]))
  await remove(
    ended.filter((container) => kept.get(container.name) !== container),
    deps,
    signal,
  )
}

/** The same where the disk is short: what ended stays only while nothing came after it. */
export async function spareContainers(observed: ObservedPod, deps: PruneDeps, signal: AbortSignal): Promise<void> {
  const replaced = observed.containers.filter((one) => !mayRun(one) && latestOf(observed, one.name) !== one)
  await remove(replaced, deps, signal)
}

async function remove(containers: readonly ObservedContainer[], { runtime, host }: PruneDeps, signal: AbortSignal) {
  for (const container of containers) {
    await runtime.removeContainer(container.id, signal)
    const files = [container.logPath, ...(await host.logs.rotated(container.logPath))]
    await Promise.all([...files.map((file) => host.logs.delete(file)), host.pods.unlinkLog(container.id)])
  }
}
