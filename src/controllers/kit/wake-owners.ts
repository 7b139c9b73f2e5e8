/** Which owners must look again when a Pod changes: the one that manages it, or whoever may claim an orphan. */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Selector } from '../../meta/label-selector.ts'
import type { KubeObject } from '../../meta/types.ts'
import { controllerOf, keyOf, pointsAt } from './ownership.ts'
import type { ReadPod } from './pods.ts'
import { indexBySelector, selecting } from './selected.ts'

export interface OwnersToWake<T extends KubeObject> {
  readonly ref: ResourceRef<T>
  readonly owners: Informer<T>
  /** The Pods that the owner would adopt if nobody had them. */
  readonly selector: (owner: DeepReadonly<T>) => Selector
  /** Whether it would adopt this one; absent: all that it selects. */
  readonly mayClaim?: (owner: DeepReadonly<T>, pod: ReadPod) => boolean
  readonly wake: (key: string) => void
}

/** From now on wakes the owners of Pods that come, change or go; also the one that a Pod was taken from. */
export function wakeOwners<T extends KubeObject>(
  pods: Informer<Pod>,
  { ref, owners, selector, mayClaim, wake }: OwnersToWake<T>,
): void {
  indexBySelector(owners, selector)
  const wakeFor = (pod: ReadPod) => {
    const controller = controllerOf(pod)
    if (controller === undefined) {
      for (const owner of selecting(owners, pod.metadata.namespace, pod.metadata.labels)) {
        const isClaimed = selector(owner).matches(pod.metadata.labels) && mayClaim?.(owner, pod) !== false
        if (isClaimed) wake(keyOf(owner as KubeObject))
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
