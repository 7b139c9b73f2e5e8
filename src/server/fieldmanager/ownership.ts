/** How a write moves ownership: who loses what it changed, and who takes it. */
import type { Steps } from '../../base/async/steps.ts'
import { compare, type Comparison } from './compare.ts'
import type { Conflict } from './conflicts.ts'
import { difference, differenceBelow, intersection, isEmpty, setOf, type FieldSet } from './field-set.ts'
import type { FieldType } from './field-type.ts'
import { withSet, type Manager, type Managers } from './managers.ts'

/** Fields that no manager ever owns: they say which object it is, or are the server's. */
const unowned = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'f:name',
    'f:namespace',
    'f:creationTimestamp',
    'f:selfLink',
    'f:uid',
    'f:clusterName',
    'f:generation',
    'f:managedFields',
    'f:resourceVersion',
  ].map((field) => ['f:metadata', field]),
)

export interface Change {
  readonly before: unknown
  readonly after: unknown
  readonly type: FieldType
  /** Fields that this way of writing cannot change, e.g. `status` through the main resource. */
  readonly reset: FieldSet
}

/** What a change changes and removes, without the fields it cannot change. */
export function compareChange({ before, after, type, reset }: Change): Comparison {
  const { changed, removed } = compare(before, after, type)
  if (isEmpty(reset)) return { changed, removed }
  return { changed: differenceBelow(changed, reset), removed: differenceBelow(removed, reset) }
}

/** Takes from all managers but `self` what the change touches. `conflicts` are the fields of theirs it overwrites. */
export function* disown(
  managers: Managers,
  self: string | undefined,
  comparisonIn: (apiVersion: string) => Comparison | undefined,
): Steps<{ readonly managers: Managers; readonly conflicts: readonly Conflict[] }> {
  const left = new Map<string, Manager>()
  const conflicts: Conflict[] = []
  for (const [identity, manager] of managers) {
    if (identity === self) {
      left.set(identity, manager)
      continue
    }
    const comparison = comparisonIn(manager.apiVersion)
    if (comparison === undefined) continue
    yield
    const fields = intersection(manager.set, comparison.changed)
    if (!isEmpty(fields)) conflicts.push({ manager, fields })
    yield
    const set = difference(difference(manager.set, fields), comparison.removed)
    if (!isEmpty(set)) left.set(identity, withSet(manager, set))
  }
  return { managers: left, conflicts }
}

/** Of the fields of a write, those that its manager owns by it. */
export const taken = (fields: FieldSet) => difference(fields, unowned)
