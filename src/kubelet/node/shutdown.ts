/**
 * The node goes down: Pods end in the order of their priorities, each within the time that its priority gets
 * (https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#graceful-node-shutdown).
 */

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type KubeletConfig, type ShutdownPriority, shutdownSteps } from '../config/kubelet-config.ts'
import type { LifecycleMetrics } from '../metrics/lifecycle-metrics.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import type { PodWorker } from '../pods/worker.ts'

const TERMINATED: PodFailure = {
  reason: 'Terminated',
  message: 'Pod was terminated in response to imminent node shutdown.',
}

/** What Pods are told that come too late. */
export const SHUTTING_DOWN: PodFailure = {
  reason: 'NodeShutdown',
  message: 'Pod was rejected as the node is shutting down.',
}

const LOOK_MS = 100

export interface ShutdownDeps {
  readonly clock: Clock
  readonly log: Log
  readonly config: KubeletConfig
  readonly workers: { readonly all: readonly PodWorker[] }
  /** Told when the Pods' time begins, and when it is over. */
  readonly metrics: Pick<LifecycleMetrics, 'shutdownBegan' | 'shutdownEnded'>
}

/** Settles when the last group is over and its last statuses are on their way, or when its time is over. */
export async function shutDownPods(deps: ShutdownDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, config, workers, metrics } = deps
  metrics.shutdownBegan(clock.now())
  const running = workers.all.filter(({ phase }) => phase !== 'terminated')
  for (const { step, pods } of groupByStep(running, shutdownSteps(config))) {
    const seconds = step.shutdownGracePeriodSeconds
    log.info('the node shuts down: ending Pods', { priority: step.priority, pods: pods.length, seconds })
    for (const worker of pods) worker.endWithNode(TERMINATED, graceFor(worker.pod, seconds))
    const began = clock.monotonic()
    const isOver = () => pods.every(({ isEndTold }) => isEndTold)
    while (!isOver() && clock.monotonic() - began < seconds * 1000) await clock.sleep(LOOK_MS, signal)
  }
  metrics.shutdownEnded(clock.now())
}

const graceFor = (pod: PodView, seconds: number) =>
  Math.min(seconds, specOf(pod).terminationGracePeriodSeconds ?? seconds)

export interface ShutdownGroup<W> {
  readonly step: ShutdownPriority
  readonly pods: readonly W[]
}

/** Each Pod belongs to the last step that its priority reaches, or to the first. Steps without Pods are left out. */
export function groupByStep<W extends { readonly pod: PodView }>(
  pods: readonly W[],
  steps: readonly ShutdownPriority[],
): readonly ShutdownGroup<W>[] {
  const stepOf = ({ pod }: W) => {
    const priority = specOf(pod).priority ?? 0
    return steps.findLast((step) => step.priority <= priority) ?? steps[0]
  }
  return steps
    .map((step) => ({ step, pods: pods.filter((worker) => stepOf(worker) === step) }))
    .filter((group) => group.pods.length > 0)
}
