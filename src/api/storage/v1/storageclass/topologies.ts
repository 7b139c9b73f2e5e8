/** Where volumes of a class may be made (https://kubernetes.io/docs/concepts/storage/storage-classes/#allowed-topologies). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import { deepEqual, duplicate, invalidEach, judgeAll, required, isRepeated } from '../../../../meta/validation.ts'
import type { TopologySelectorTerm } from '../../../generated/core-v1.ts'

type Term = DeepReadonly<TopologySelectorTerm>

/** Every fault of terms of which a volume meets one. */
export function validateTopologies(terms: readonly Term[] | undefined, path: FieldPath): FieldError[] {
  const seen: Record<string, readonly string[]>[] = []
  return judgeAll(terms, (term, at) => {
    const here = path.index(at).child('matchLabelExpressions')
    const faults = validateTerm(term, here)
    const meaning = Object.fromEntries(
      (term.matchLabelExpressions ?? []).map(({ key, values }) => [`key ${key}`, [...(values ?? [])].sort()]),
    )
    const isEmpty = Object.keys(meaning).length === 0
    if (isEmpty || seen.some((other) => deepEqual(other, meaning))) faults.push(duplicate(here, ''))
    seen.push(meaning)
    return faults
  })
}

function validateTerm({ matchLabelExpressions = [] }: Term, path: FieldPath): FieldError[] {
  const keys = new Set<string>()
  return judgeAll(matchLabelExpressions, ({ key = '', values = [] }, at) => {
    const here = path.index(at)
    const list = here.child('values')
    const faults = values.length === 0 ? [required(list)] : []
    values.forEach((value, n) => isRepeated(values, value, n) && faults.push(duplicate(list.index(n), value)))
    faults.push(...invalidEach(here.child('key'), key, qualifiedName(key)))
    if (keys.has(key)) faults.push(duplicate(here.child('key'), key))
    keys.add(key)
    return faults
  })
}
