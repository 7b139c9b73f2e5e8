/** Who owns an object (https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/). */

import type { DeepReadonly } from './deep-readonly.ts'
import type { KubeObject, OwnerReference } from './types.ts'

type Shared = DeepReadonly<Pick<KubeObject, 'metadata'>>

/** The one owner that manages the object, if there is one. */
export function controllerOf(object: Shared): DeepReadonly<OwnerReference> | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}

/** Whether the object is managed by this very owner (by uid: a namesake does not count). */
export function isControlledBy(object: Shared, owner: Shared): boolean {
  const uid = controllerOf(object)?.uid
  return uid !== undefined && uid === owner.metadata.uid
}
