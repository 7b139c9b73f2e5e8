/** What some kinds do besides being stored: claim an address, wait for something before they go. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { Compare, Operation } from '../../storage/storage.ts'

/** Conditions and changes that join a write's own transaction. */
export interface ExtraWrites {
  readonly compare: readonly Compare[]
  readonly operations: readonly Operation[]
  /**
   * What the caller reads when one of the conditions does not hold; called to learn whether to try again. `failed` has the
   * keys whose conditions do not hold.
   */
  readonly onConflict?: (failed: ReadonlySet<string>) => 'retry' | Error
}

/** All the writes as one; each is asked only about the failure of its own conditions. */
export function joinWrites(parts: readonly (ExtraWrites | undefined)[]): ExtraWrites | undefined {
  const present = parts.filter((part) => part !== undefined)
  if (present.length <= 1) return present[0]
  return {
    compare: present.flatMap(({ compare }) => compare),
    operations: present.flatMap(({ operations }) => operations),
    onConflict(failed) {
      for (const { compare, onConflict } of present) {
        const verdict = compare.some(({ key }) => failed.has(key)) ? (onConflict?.(failed) ?? 'retry') : 'retry'
        if (verdict !== 'retry') return verdict
      }
      return 'retry'
    },
  }
}

/** The hooks of one kind. */
export interface StorageHook {
  /** Throws what is said of a write before the kind's own rules are asked: that it wants what cannot be had. */
  readonly check?: (draft: KubeObject, old?: DeepReadonly<KubeObject>, isDryRun?: boolean) => void
  /** Fills in what the server allots (addresses) and claims it. May change the draft. Throws what makes the write wrong. */
  readonly onCreate?: (draft: KubeObject, isDryRun: boolean) => ExtraWrites | undefined
  readonly onUpdate?: (draft: KubeObject, old: DeepReadonly<KubeObject>, isDryRun: boolean) => ExtraWrites | undefined
  /** Gives back what was claimed. */
  readonly onDelete?: (old: DeepReadonly<KubeObject>) => ExtraWrites | undefined
  /** An object that is being deleted stays while this is true, finalizers or not. */
  readonly staysWhileDeleting?: (object: DeepReadonly<KubeObject>) => boolean
  /** Changes the draft when its deletion begins. */
  readonly onDeletionBegin?: (draft: KubeObject) => void
}

/** By the key of the stored resource. */
export type StorageHooks = ReadonlyMap<string, StorageHook>
