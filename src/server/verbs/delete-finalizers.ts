/**
 * The finalizers by which the garbage collector learns what to do with dependents
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion).
 */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { DeleteOptions, KubeObject } from '../../meta/types.ts'
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './metadata.ts'

/** The finalizers a deleted object gets instead of its own; `undefined`: they stay as they are. */
export function finalizersFor(
  object: DeepReadonly<KubeObject>,
  options: DeleteOptions,
  byDefault: 'Background' | 'Orphan' | undefined,
): readonly string[] | undefined {
  const own = object.metadata.finalizers ?? []
  const kept = own.filter((finalizer) => finalizer !== ORPHAN_FINALIZER && finalizer !== FOREGROUND_FINALIZER)
  const wish = propagationOf(own, options, byDefault)
  const wanted =
    wish === 'Orphan' ? [...kept, ORPHAN_FINALIZER] : wish === 'Foreground' ? [...kept, FOREGROUND_FINALIZER] : kept
  const isSame = wanted.length === own.length && wanted.every((finalizer) => own.includes(finalizer))
  return isSame ? undefined : wanted
}

function propagationOf(
  own: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
  byDefault: 'Background' | 'Orphan' | undefined,
): 'Orphan' | 'Background' | 'Foreground' {
  if (orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background'
  if (propagationPolicy !== undefined) return propagationPolicy
  if (own.includes(ORPHAN_FINALIZER)) return 'Orphan'
  if (own.includes(FOREGROUND_FINALIZER)) return 'Foreground'
  return byDefault ?? 'Background'
}
