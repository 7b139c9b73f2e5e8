/** The ways controllers look objects up without walking over a whole cache. */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { controllerOf, type ReadObject } from './ownership.ts'
import { claimKeysOf } from './pods.ts'

const BY_CONTROLLER = 'controllerUid'
const BY_NODE = 'nodeName'
const BY_CLAIM = 'claim'

const indexed = new WeakMap<object, Set<string>>()

/** Adds an index once, however many controllers share the informer. */
export function indexOnce<T extends KubeObject>(
  informer: Informer<T>,
  name: string,
  values: (object: DeepReadonly<T>) => readonly string[],
): void {
  const names = indexed.get(informer) ?? new Set()
  if (names.has(name)) return
  indexed.set(informer, names.add(name))
  informer.addIndex(name, values)
}

/** Lets `ownedBy` find objects by their managing controller. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): void {
  indexOnce(informer, BY_CONTROLLER, (object) => {
    const controller = controllerOf(object as ReadObject)
    return controller === undefined ? [] : [controller.uid]
  })
}

/** The objects whose managing controller has this uid. */
export function ownedBy<T extends KubeObject>(informer: Informer<T>, uid: string): readonly DeepReadonly<T>[] {
  return informer.byIndex(BY_CONTROLLER, uid)
}

/** Lets `onNode` find Pods by the node they are bound to. */
export function indexByNode<T extends KubeObject & { spec?: { nodeName?: string } }>(informer: Informer<T>): void {
  indexOnce(informer, BY_NODE, (pod) => {
    const { spec } = pod as { readonly spec?: { readonly nodeName?: string } }
    return spec?.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName]
  })
}

/** The Pods bound to a node. */
export function onNode<T extends KubeObject>(informer: Informer<T>, node: string): readonly DeepReadonly<T>[] {
  return informer.byIndex(BY_NODE, node)
}

/** Lets `podsOfClaim` find Pods by the PersistentVolumeClaims they name. */
export function indexByClaim(pods: Informer<Pod>): void {
  indexOnce(pods, BY_CLAIM, claimKeysOf)
}

/** The Pods that name a claim, given as `namespace/name`. */
export function podsOfClaim(pods: Informer<Pod>, key: string): readonly DeepReadonly<Pod>[] {
  return pods.byIndex(BY_CLAIM, key)
}
