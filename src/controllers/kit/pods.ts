/** Facts of Pods that controllers ask for (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/). */

import { availableIn } from '../../api/core/v1/pod/facts.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

export type ReadPod = DeepReadonly<Pod>

/** Milliseconds until the first ready but not yet available of the Pods becomes available; undefined when there is none. */
export function nextAvailability(pods: readonly ReadPod[], minReadySeconds: number, now: number): number | undefined {
  const waits = pods.map((pod) => availableIn(pod, minReadySeconds, now) ?? 0).filter((wait) => wait > 0)
  return waits.length === 0 ? undefined : Math.min(...waits)
}

/** The keys of the claims the Pod mounts. */
export function claimKeysOf({ metadata, spec }: ReadPod): readonly string[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) {
      return [`${metadata.namespace}/${volume.persistentVolumeClaim.claimName}`]
    }
    return volume.ephemeral === undefined ? [] : [`${metadata.namespace}/${metadata.name}-${volume.name}`]
  })
}
