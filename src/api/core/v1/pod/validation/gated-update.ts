/**
 * A Pod whose scheduling is held back may still be told where not to go
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/#mutable-pod-scheduling-directives).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { deepEqual, invalidValue } from '../../../../../meta/validation.ts'
import { asGiven, isGiven } from '../../../../../wire/json/nil.ts'
import type { NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../../../generated/core-v1.ts'

/** A shallow copy of a spec whose fields may be replaced; what they hold is shared. */
export type Changeable = { -readonly [Key in keyof DeepReadonly<PodSpec>]: DeepReadonly<PodSpec>[Key] }

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

/** Faults of changes to nodeSelector and nodeAffinity. Puts the old values into `spec`, for they have been judged. */
export function validateGatedUpdate(spec: Changeable, before: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  return [
    ...validateSelectorChange(spec, before, path.child('nodeSelector')),
    ...validateAffinityChange(spec, before, path.child('affinity', 'nodeAffinity')),
  ]
}

function validateSelectorChange(spec: Changeable, before: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const now = asGiven(spec, 'nodeSelector')
  if (before.nodeSelector === undefined) delete spec.nodeSelector
  else spec.nodeSelector = { ...before.nodeSelector }
  const isKept = Object.entries(before.nodeSelector ?? {}).every(([key, value]) => now?.[key] === value)
  if (isKept) return []
  return [invalidValue(path, now, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')]
}

function validateAffinityChange(spec: Changeable, before: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const now = spec.affinity?.nodeAffinity
  const was = before.affinity?.nodeAffinity
  if (deepEqual(now, was)) return []
  if (was !== undefined) spec.affinity = { ...spec.affinity, nodeAffinity: was }
  else if (before.affinity === undefined && isOnlyNodeAffinity(spec.affinity)) delete spec.affinity
  else {
    const { nodeAffinity: _now, ...rest } = spec.affinity ?? {}
    spec.affinity = rest
  }
  return validateTerms(now, was, path.child(REQUIRED, 'nodeSelectorTerms'))
}

const isOnlyNodeAffinity = (affinity: Changeable['affinity']) =>
  affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined

/** Every old term must be there still, with no demand less. */
function validateTerms(
  now: DeepReadonly<NodeAffinity> | undefined,
  was: DeepReadonly<NodeAffinity> | undefined,
  path: FieldPath,
): FieldError[] {
  const old = was?.[REQUIRED]?.nodeSelectorTerms ?? []
  if (old.length === 0) return []
  const terms = now?.[REQUIRED]?.nodeSelectorTerms ?? []
  if (terms.length !== old.length) {
    return [
      invalidValue(
        path,
        terms.length === 0 && !isGiven(terms) ? null : terms,
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    ]
  }
  return terms.flatMap((term, at) => {
    if (hasOnlyAdditions(term, old[at] ?? {})) return []
    return [invalidValue(path.index(at), term, 'only additions are allowed (no mutations or deletions)')]
  })
}

type Requirements = readonly DeepReadonly<NodeSelectorRequirement>[] | undefined

function hasOnlyAdditions(term: DeepReadonly<NodeSelectorTerm>, old: DeepReadonly<NodeSelectorTerm>): boolean {
  // A term without demands matches nothing; a demand would make it match something.
  const isEmpty = (old.matchExpressions?.length ?? 0) === 0 && (old.matchFields?.length ?? 0) === 0
  if (isEmpty) return deepEqual(term, old)
  return beginsWith(term.matchExpressions, old.matchExpressions) && beginsWith(term.matchFields, old.matchFields)
}

function beginsWith(requirements: Requirements, old: Requirements): boolean {
  return (old ?? []).every((requirement, at) => deepEqual(requirements?.[at], requirement))
}
