/** What a Pod's start took, told when it runs for the first time (https://github.com/kubernetes/community/blob/master/sig-scalability/slos/pod_startup_latency.md). */

import { type Clock, fromTime } from '../../base/clock.ts'
import type { PodStart } from '../metrics/start-metrics.ts'
import type { ObservedPod } from './observed.ts'
import { initContainersOf, isHostNetwork, type PodView, specOf } from './pod-view.ts'

export interface StartFacts {
  /** When the kubelet first saw the Pod, on the monotonic clock. */
  readonly seenAt: number
  readonly pullMs: number
  readonly clock: Clock
}

export function podStart(pod: PodView, observed: ObservedPod, { seenAt, pullMs, clock }: StartFacts): PodStart {
  const names = new Set(initContainersOf(pod).flatMap(({ kind, spec }) => (kind === 'init' ? [spec.name] : [])))
  const init = observed.containers.filter(({ name }) => names.has(name))
  const begun = Math.min(...init.map(({ startedAt }) => startedAt))
  const ended = Math.max(...init.map(({ finishedAt }) => finishedAt))
  const now = clock.now()
  return {
    seenMs: clock.monotonic() - seenAt,
    createdMs: Math.max(0, now - (fromTime(pod.metadata.creationTimestamp) ?? now)),
    pullMs,
    initMs: init.length === 0 ? 0 : Math.max(0, ended - begun),
    hasNetwork: !isHostNetwork(pod),
    isStateful: (specOf(pod).volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined),
  }
}
