/** How many Pods the kubelet has, by what it makes of them (https://kubernetes.io/docs/reference/instrumentation/metrics/). Pure. */

import type { Family, Labels } from '../../base/metrics/text.ts'
import { ephemeralContainersOf } from '../pods/pod-view.ts'
import type { CountedPod } from './kubelet-api.ts'

/** On a Pod: where it came from. Those that are not the API's are static. */
const SOURCE = 'kubernetes.io/config.source'

/** What a Pod is doing, as metrics name it. */
const LIFECYCLES: Readonly<Record<CountedPod['phase'], string>> = {
  syncing: 'sync',
  terminating: 'terminating',
  terminated: 'terminated',
}

export function podFamilies(pods: readonly CountedPod[]): readonly Family[] {
  const isStatic = ({ pod }: CountedPod) => (pod.metadata.annotations?.[SOURCE] ?? 'api') !== 'api'
  const bySource = (counted: readonly CountedPod[]) =>
    count(counted, (one) => ({ static: isStatic(one) ? 'true' : '' }), [{ static: '' }, { static: 'true' }])
  const gauge = (name: string, help: string, samples: Family['samples']): Family => ({
    name: `kubelet_${name}`,
    help,
    type: 'gauge',
    samples,
  })
  const desired = pods.filter(({ isRejected }) => !isRejected)
  const statics = desired.filter(isStatic)
  const ephemeral = pods.reduce((sum, { pod }) => sum + ephemeralContainersOf(pod).length, 0)
  return [
    gauge(
      'desired_pods',
      'The number of pods the kubelet is being instructed to run. static is true if the pod is not from the apiserver.',
      bySource(pods),
    ),
    gauge(
      'active_pods',
      'The number of pods the kubelet considers active and which are being considered when admitting new pods. static is true if the pod is not from the apiserver.',
      bySource(desired.filter(({ phase }) => phase !== 'terminated')),
    ),
    gauge('mirror_pods', 'The number of mirror pods the kubelet will try to create (one per admitted static pod)', [
      { value: statics.length },
    ]),
    gauge(
      'working_pods',
      'Number of pods the kubelet is actually running, broken down by lifecycle phase, whether the pod is desired, orphaned, or runtime only (also orphaned), and whether the pod is static. An orphaned pod has been removed from local configuration or force deleted in the API and consumes resources that are not otherwise visible.',
      count(
        pods,
        (one) => ({ config: 'desired', lifecycle: LIFECYCLES[one.phase], static: isStatic(one) ? 'true' : '' }),
        [{ config: 'desired', lifecycle: 'sync', static: '' }],
      ),
    ),
    gauge('managed_ephemeral_containers', 'Current number of ephemeral containers in pods managed by this kubelet.', [
      { value: ephemeral },
    ]),
  ]
}

/** How many there are of each set of labels; those in `always` are told even when there are none. */
export function count<T>(
  all: readonly T[],
  labelsOf: (one: T) => Labels,
  always: readonly Labels[] = [],
): Family['samples'] {
  const counts = new Map(always.map((labels) => [JSON.stringify(labels), { labels, value: 0 }]))
  for (const one of all) {
    const labels = labelsOf(one)
    const key = JSON.stringify(labels)
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { labels, value: 1 })
    else known.value += 1
  }
  return [...counts.values()]
}
