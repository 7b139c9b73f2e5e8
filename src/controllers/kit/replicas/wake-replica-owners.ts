/** Which replica owners are looked at again when they or their Pods change. */

import { isActive } from '../../../api/core/v1/pod/facts.ts'
import type { Pod } from '../../../api/generated/core-v1.ts'
import type { WorkQueue } from '../../../base/work-queue.ts'
import type { Informer } from '../../../client/informer.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { controllerOf, isDeleting, keyOf, pointsAt } from '../ownership.ts'
import type { PacedQueue } from '../pace.ts'
import type { ReadPod } from '../pods.ts'
import { indexBySelector, selecting } from '../selected.ts'
import type { ReplicaKind } from './replica-kind.ts'

export interface ReplicaCaches<T extends KubeObject> {
  readonly owners: Informer<T>
  readonly pods: Informer<Pod>
}

/** Puts owners into the queue when they or their Pods change. */
export function wakeReplicaOwners<T extends KubeObject>(
  kind: ReplicaKind<T>,
  { owners, pods }: ReplicaCaches<T>,
  { queue, paced }: { readonly queue: WorkQueue; readonly paced: PacedQueue },
): void {
  const enqueue = (owner: DeepReadonly<T>) => queue.add(keyOf(owner as KubeObject))
  owners.on({
    added: enqueue,
    updated(owner, old) {
      const [now, before] = [owner as KubeObject, old as KubeObject]
      const isSame = now.metadata.generation === before.metadata.generation && isDeleting(now) === isDeleting(before)
      if (isSame) paced.add(keyOf(now))
      else enqueue(owner)
    },
    deleted: enqueue,
  })

  indexBySelector(owners, kind.selector)
  const wakeController = (pod: ReadPod, to: Pick<WorkQueue, 'add'> | PacedQueue = queue) => {
    const controller = controllerOf(pod)
    if (controller === undefined || !pointsAt(controller, kind.ref)) return
    to.add(`${pod.metadata.namespace}/${controller.name}`)
  }
  /** An orphan may be claimed by any owner of its namespace that matches. */
  const wakeClaimants = (pod: ReadPod) => {
    for (const owner of selecting(owners, pod.metadata.namespace, pod.metadata.labels)) {
      if (kind.selector(owner).matches(pod.metadata.labels)) enqueue(owner)
    }
  }
  pods.on({
    added: (pod) => (controllerOf(pod) === undefined ? wakeClaimants(pod) : wakeController(pod, paced)),
    updated(pod, old) {
      const [owner, before] = [controllerOf(pod), controllerOf(old)]
      if (owner?.uid !== before?.uid) wakeController(old)
      if (owner === undefined) wakeClaimants(pod)
      else wakeController(pod, owner.uid === before?.uid && isActive(old) === isActive(pod) ? paced : queue)
    },
    deleted: (pod) => wakeController(pod),
  })
}
