/** Controllers that keep one object of a fixed name in every namespace. */

import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { NAMESPACES, type ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { type Controller, type ControllerDeps, isNamespaceTerminating, loopController } from './loop.ts'
import { nameOf, type ReadObject } from './ownership.ts'

export interface PerNamespace<T extends KubeObject> {
  readonly name: string
  readonly ref: ResourceRef<T>
  readonly objectName: string
  /** What to create where there is none. */
  readonly make: (namespace: string) => NoInfer<T>
  /** What to write instead of an object that is wrong; undefined when it is right. */
  readonly correct: (object: DeepReadonly<T>) => NoInfer<T> | undefined
}

export function perNamespaceController<T extends KubeObject>(kind: PerNamespace<T>, deps: ControllerDeps): Controller {
  const { client } = deps
  const namespaces = deps.informers.of(NAMESPACES)
  const objects = deps.informers.of(kind.ref)
  const queue = createWorkQueue(deps.clock)
  const enqueue = (namespace: ReadObject) => queue.add(nameOf(namespace))
  namespaces.on({ added: enqueue, updated: enqueue })
  const wake = (object: DeepReadonly<T>) => {
    const { metadata } = object as KubeObject
    if (metadata.name === kind.objectName) queue.add(metadata.namespace ?? '')
  }
  objects.on({ updated: wake, deleted: wake })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    if (namespaces.get(key)?.status?.phase === 'Terminating' || namespaces.get(key) === undefined) return settled
    const existing = objects.get(`${key}/${kind.objectName}`)
    try {
      if (existing === undefined) await client.create(kind.ref, kind.make(key), undefined, signal)
      else {
        const corrected = kind.correct(existing)
        if (corrected !== undefined) await client.update(kind.ref, corrected, undefined, signal)
      }
    } catch (error) {
      const isAsWished = hasReason(error, 'AlreadyExists') || hasReason(error, 'NotFound')
      if (!isAsWished && !isNamespaceTerminating(error)) throw error
    }
    return settled
  }
  return loopController({ name: kind.name, queue, reconcile, log: deps.log, waitFor: [namespaces, objects] })
}
