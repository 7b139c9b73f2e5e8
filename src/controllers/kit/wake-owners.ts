/** Which owners must look again when a Pod changes: the one that manages it, or whoever may claim an orphan. */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { controllerOf, keyOf, pointsAt } from './ownership.ts'
import type { ReadPod } from './pods.ts'

export interface OwnersToWake<T extends KubeObject> {
  readonly ref: ResourceRef<T>
  readonly owners: Informer<T>
  /** Whether the owner would adopt such a Pod if nobody had it. */
  readonly mayClaim: (owner: DeepReadonly<T>, pod: ReadPod) => boolean
  readonly wake: (key: string) => void
}

/** From now on wakes the owners of Pods that come, change or go; also the one that a Pod was taken from. */
export function wakeOwners<T extends KubeObject>(
  pods: Informer<Pod>,
  { ref, owners, mayClaim, wake }: OwnersToWake<T>,
): void {
  const wakeFor = (pod: ReadPod) => {
    const controller = controllerOf(pod)
    if (controller === undefined) {
      for (const owner of owners.list(pod.metadata.namespace)) {
        if (mayClaim(owner, pod)) wake(keyOf(owner as KubeObject))
      }
    } else if (pointsAt(controller, ref)) wake(`${pod.metadata.namespace}/${controller.name}`)
  }
  pods.on({
    added: wakeFor,
    updated(pod, old) {
      if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) wakeFor(old)
      wakeFor(pod)
    },
    deleted: wakeFor,
  })
}
