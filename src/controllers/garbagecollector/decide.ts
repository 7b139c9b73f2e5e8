/**
 * What to do with an object whose owners were looked up: keep it, let go of some owners, or delete it
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion). Pure.
 */

import type { ReadObject } from '../kit/ownership.ts'
import { FOREGROUND, type GraphNode, ORPHAN, type ReadReference } from './graph.ts'

/** What became of an owner: it is there, it is gone, or it waits for its dependents to be deleted. */
export type OwnerState = 'solid' | 'absent' | 'waiting'

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

export type Verdict =
  | { readonly do: 'keep' }
  /** Some owners live on: only the references to the others go. */
  | { readonly do: 'drop-references'; readonly uids: readonly string[] }
  /** `unblock`: dependents wait for this object while it waits for them; nobody may block anybody any more. */
  | { readonly do: 'delete'; readonly propagation: Propagation; readonly unblock: boolean }

/** `live` is the object as the server has it now; `states` tells of each of its owner references, in order. */
export function judge(node: GraphNode, live: ReadObject, states: readonly OwnerState[]): Verdict {
  const owners = live.metadata.ownerReferences ?? []
  if (owners.length === 0) return { do: 'keep' }
  const gone = owners.filter((_owner, index) => states[index] !== 'solid')
  if (gone.length === 0) return { do: 'keep' }
  if (gone.length < owners.length) return { do: 'drop-references', uids: gone.map((reference) => reference.uid) }
  if (states.includes('waiting') && node.dependents.size > 0) {
    const unblock = [...node.dependents].some((dependent) => dependent.isDeletingDependents)
    return { do: 'delete', propagation: 'Foreground', unblock }
  }
  const finalizers = live.metadata.finalizers ?? []
  const propagation = finalizers.includes(ORPHAN)
    ? 'Orphan'
    : finalizers.includes(FOREGROUND)
      ? 'Foreground'
      : 'Background'
  return { do: 'delete', propagation, unblock: false }
}

/** The dependents that an owner in foreground deletion must wait for. */
export function blockers(owner: GraphNode): readonly GraphNode[] {
  return [...owner.dependents].filter((dependent) => dependent.owners.some((reference) => blocks(reference, owner.uid)))
}

const blocks = (reference: ReadReference, uid: string) => reference.uid === uid && reference.blockOwnerDeletion === true
