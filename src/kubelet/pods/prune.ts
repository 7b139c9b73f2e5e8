/** Takes away dead containers that nobody asks for any more. */

import { isRunning, type ObservedPod } from './observed.ts'
import type { PodDeps } from './pod-deps.ts'

/** Of every container, the newest and the one before it stay; what is older goes, with its logs. */
export async function pruneContainers(observed: ObservedPod, deps: PodDeps, signal: AbortSignal): Promise<void> {
  const { runtime, host } = deps
  const seen = new Set<string>()
  for (const container of observed.containers.filter((one) => !isRunning(one))) {
    if (!seen.has(container.name)) {
      seen.add(container.name)
      continue
    }
    await runtime.removeContainer(container.id, signal)
    const files = [container.logPath, ...(await host.logs.rotated(container.logPath))]
    await Promise.all(files.map((file) => host.logs.delete(file)))
  }
}
