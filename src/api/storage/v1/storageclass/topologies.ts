/** Where volumes of a class may be made (https://kubernetes.io/docs/concepts/storage/storage-classes/#allowed-topologies). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import { duplicate, invalidEach, judgeAll, required, isRepeated } from '../../../../meta/validation.ts'
import type { TopologySelectorTerm } from '../../../generated/core-v1.ts'

type Term = DeepReadonly<TopologySelectorTerm>

/** Every fault of terms of which a volume meets one. */
export function validateTopologies(terms: readonly Term[] | undefined, path: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return judgeAll(terms, (term, at) => {
    const here = path.index(at).child('matchLabelExpressions')
    const faults = validateTerm(term, here)
    // Of a key that is there twice the last counts, and no order does.
    const expressions = new Map(
      (term.matchLabelExpressions ?? []).map(({ key, values }) => [key, [...(values ?? [])].sort()]),
    )
    const meaning = JSON.stringify([...expressions].sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))
    if (expressions.size === 0 || seen.has(meaning)) faults.push(duplicate(here, ''))
    seen.add(meaning)
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
