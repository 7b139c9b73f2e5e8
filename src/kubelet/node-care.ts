/** What keeps a node fit to run Pods: it takes away what nobody needs, and ends Pods before it runs dry. */

import type { TaskGroup } from '../base/async/group.ts'
import { quantityValue } from '../meta/quantity.ts'
import { parallelPulls } from './config/kubelet-config.ts'
import { keepStorageLimits } from './eviction/keep-storage-limits.ts'
import { NodePressure } from './eviction/node-pressure.ts'
import { ImageCollector } from './images/image-collector.ts'
import type { PullLimits } from './images/puller.ts'
import { rotateLogs } from './logs/rotate.ts'
import type { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import type { NodeEvent } from './node/node-events.ts'
import { configOf } from './node/node-status.ts'
import type { KubeletDeps } from './options.ts'
import { isRunning } from './pods/observed.ts'
import type { PodWorkers } from './pods/workers.ts'

export interface NodeCareDeps extends KubeletDeps {
  readonly workers: PodWorkers
  readonly metrics: KubeletMetrics
  /** Writes an event about the node. */
  readonly tell: (event: NodeEvent) => void
}

export interface NodeCare {
  readonly pressure: NodePressure
  readonly images: ImageCollector
}

/** The parts, none of which runs yet. */
export function createNodeCare(deps: NodeCareDeps): NodeCare {
  const { workers, node } = deps
  const config = configOf(node)
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) => deps.tell({ type, reason, message })
  const used = (signal: AbortSignal) => usedImages(deps.runtime, node.keptImages ?? [], signal)
  const images = new ImageCollector({ ...deps, config, tell, used })
  const reclaim = {
    async containers(signal: AbortSignal) {
      for (const worker of workers.all) await worker.discard(signal)
    },
    images: (signal: AbortSignal) => images.freeAll(signal),
  }
  return { images, pressure: new NodePressure({ ...deps, config, tell, reclaim }) }
}

/** Starts everything that looks after the node, until the group closes. */
export function startNodeCare({ pressure, images }: NodeCare, deps: NodeCareDeps, group: TaskGroup): void {
  const { runtime, host, clock, log, workers, node } = deps
  const { containerLogMaxSize, containerLogMaxFiles, containerLogMonitorInterval } = configOf(node)
  const limits = {
    maxBytes: quantityValue(containerLogMaxSize),
    maxFiles: containerLogMaxFiles,
    everyMs: containerLogMonitorInterval,
  }
  const running = () => workers.all.flatMap(({ observed }) => observed.containers.filter(isRunning))
  group.start((signal) => rotateLogs({ runtime, files: host.logs, clock, log, limits, running }, signal))
  group.start((signal) => keepStorageLimits(deps, signal))
  group.start((signal) => pressure.run(signal))
  group.start((signal) => images.run(signal))
}

/** Those of all containers that the runtime has, running or not: they may be looked into, or started again. */
async function usedImages(
  runtime: NodeCareDeps['runtime'],
  kept: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const containers = await runtime.listContainers({}, signal)
  return new Set([...kept, ...containers.flatMap(({ image, imageRef }) => [image.image, imageRef])])
}

/** How images may be pulled here. */
export function pullLimits(deps: Pick<KubeletDeps, 'node'>): PullLimits {
  const config = configOf(deps.node)
  return { parallel: parallelPulls(config), perSecond: config.registryPullQPS, burst: config.registryBurst }
}
