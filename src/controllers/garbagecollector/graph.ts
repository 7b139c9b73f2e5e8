/**
 * Who owns whom, over all objects of the cluster, by uid. Every change of an object says which objects must be looked
 * at because of it (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents). Holds
 * state, does no I/O.
 */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { OwnerReference } from '../../meta/types.ts'
import type { AnyResource } from '../kit/all-resources.ts'
import { sameJson } from '../kit/equal.ts'
import type { ReadObject } from '../kit/ownership.ts'

export const ORPHAN = 'orphan'
export const FOREGROUND = 'foregroundDeletion'

export type ReadReference = DeepReadonly<OwnerReference>

/** Where an object is. */
export interface Place {
  readonly resource: AnyResource
  readonly namespace: string | undefined
  readonly name: string
}

/** An object, as far as ownership goes. */
export interface GraphNode {
  readonly uid: string
  /** Undefined while only references speak of it. */
  place: Place | undefined
  owners: readonly ReadReference[]
  readonly dependents: Set<GraphNode>
  isDeleting: boolean
  /** Being deleted, and waiting until its dependents are. */
  isDeletingDependents: boolean
  isOrphaning: boolean
}

/** The uids to look at. */
export interface Wake {
  readonly toDelete: readonly string[]
  readonly toOrphan: readonly string[]
}

export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>()

  get size(): number {
    return this.#nodes.size
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  /** An object exists, or changed. */
  observe(resource: AnyResource, object: ReadObject): Wake {
    const { uid, namespace, name = '', ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata
    if (uid === undefined) return { toDelete: [], toOrphan: [] }
    const toDelete = new Set<string>()
    const node = this.#nodeOf(uid)
    const isNew = node.place === undefined
    node.place = { resource, namespace, name }
    if (isNew) for (const dependent of node.dependents) toDelete.add(dependent.uid) // they may have named it wrongly

    this.#setOwners(node, ownerReferences, toDelete)
    const isDeleting = deletionTimestamp !== undefined
    const isDeletingDependents = isDeleting && finalizers.includes(FOREGROUND)
    const isOrphaning = isDeleting && finalizers.includes(ORPHAN)
    if (isDeletingDependents && !node.isDeletingDependents) {
      toDelete.add(uid)
      for (const dependent of node.dependents) toDelete.add(dependent.uid)
    }
    node.isDeleting = isDeleting
    node.isDeletingDependents = isDeletingDependents
    node.isOrphaning = isOrphaning
    return { toDelete: [...toDelete], toOrphan: isOrphaning ? [uid] : [] }
  }

  /** An object is gone, or turned out never to have been. */
  remove(uid: string): Wake {
    const node = this.#nodes.get(uid)
    if (node === undefined) return { toDelete: [], toOrphan: [] }
    const toDelete = new Set([...node.dependents].map((dependent) => dependent.uid))
    for (const reference of node.owners) {
      const owner = this.#nodes.get(reference.uid)
      if (owner === undefined) continue
      owner.dependents.delete(node)
      if (owner.isDeletingDependents) toDelete.add(owner.uid)
      this.#dropIfIdle(owner)
    }
    node.owners = []
    node.place = undefined
    node.isDeleting = node.isDeletingDependents = node.isOrphaning = false
    this.#dropIfIdle(node)
    return { toDelete: [...toDelete], toOrphan: [] }
  }

  /** Whether all owners are known to be there, so that nobody need be asked: a deletion would wake us again. */
  isHeld(node: GraphNode): boolean {
    return node.owners.every((reference) => {
      const owner = this.#nodes.get(reference.uid)
      return owner?.place !== undefined && !owner.isDeletingDependents && namesRightly(reference, node, owner)
    })
  }

  #setOwners(node: GraphNode, owners: readonly ReadReference[], toDelete: Set<string>): void {
    if (sameJson(node.owners, owners)) return
    const before = node.owners
    node.owners = owners
    const isListed = (list: readonly ReadReference[], uid: string) => list.some((reference) => reference.uid === uid)
    for (const { uid } of before) {
      const owner = this.#nodes.get(uid)
      if (owner?.isDeletingDependents === true) toDelete.add(uid) // it may no longer be blocked
      if (owner === undefined || isListed(owners, uid)) continue
      owner.dependents.delete(node)
      this.#dropIfIdle(owner)
    }
    for (const reference of owners) {
      const owner = this.#nodeOf(reference.uid)
      owner.dependents.add(node)
      if (owner.place === undefined || owner.isDeletingDependents || !namesRightly(reference, node, owner)) {
        toDelete.add(node.uid)
      }
    }
  }

  #nodeOf(uid: string): GraphNode {
    const known = this.#nodes.get(uid)
    if (known !== undefined) return known
    const node: GraphNode = {
      uid,
      place: undefined,
      owners: [],
      dependents: new Set(),
      isDeleting: false,
      isDeletingDependents: false,
      isOrphaning: false,
    }
    this.#nodes.set(uid, node)
    return node
  }

  /** A node that nobody has seen and nobody refers to is none. */
  #dropIfIdle(node: GraphNode): void {
    if (node.place === undefined && node.dependents.size === 0) this.#nodes.delete(node.uid)
  }
}

/** Whether the reference says where the owner really is: same kind and name, and the dependent's namespace if any. */
function namesRightly(reference: ReadReference, dependent: GraphNode, owner: GraphNode): boolean {
  const { place } = owner
  if (place === undefined) return true
  const isNear = place.namespace === undefined || place.namespace === dependent.place?.namespace
  return isNear && reference.kind === place.resource.kind && reference.name === place.name
}
