/** What an apply makes of an object, and what it takes out of it again. */

import type { Steps } from '../../base/async/steps.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { fieldsOf } from './applied-set.ts'
import { difference, emptySet, intersection, isEmpty, union, type FieldSet } from './field-set.ts'
import { typeOf, type FieldType } from './field-type.ts'
import { merge, remove, withNamedFields } from './merge.ts'
import { type Convert, withoutNulls } from './versions.ts'

/** Fields, as the objects of a version have them. */
export interface Owned {
  readonly apiVersion: string
  readonly set: FieldSet
}

export interface ApplyPlan {
  readonly live: unknown
  readonly applied: unknown
  readonly type: FieldType
  /** The version of `live` and `applied`. */
  readonly apiVersion: string
  /** What the applier owned by its last apply; undefined: this is its first. */
  readonly last: Owned | undefined
  /** What any other manager owns, and all that this one applies now. */
  readonly kept: readonly Owned[]
  /** Absent: all versions look alike. */
  readonly convert: Convert | undefined
}

interface Seen {
  readonly value: unknown
  readonly type: FieldType
}

/**
 * The object after an apply: `live` with what is applied, without what this applier applied before and does not
 * any more and no other manager owns. Each looks at it in the version they wrote in.
 */
export function* applied(plan: ApplyPlan): Steps<unknown> {
  const { live, applied: configuration, type, apiVersion, last, kept, convert } = plan
  const merged = merge(live, configuration, type)
  yield
  if (last === undefined) return merged
  const isOfOneVersion = convert === undefined || [last, ...kept].every((one) => one.apiVersion === apiVersion)
  if (isOfOneVersion) {
    const all = kept.reduce((sum, { set }) => union(sum, set), emptySet)
    yield
    if (isEmpty(difference(last.set, all))) return merged
    yield
    return yield* pruned({ value: merged, type }, last.set, [{ apiVersion, set: all }], (seen) => seen)
  }
  const own = { value: merged, type }
  const seenIn = (seen: Seen, version: string): Seen | undefined => {
    if (versionOf(seen.value, apiVersion) === version) return seen
    const shown = convert(withoutNulls(seen.value) as DeepReadonly<KubeObject>, version)
    return shown && { value: shown.object, type: typeOf(shown.type.key, shown.type.lookup) }
  }
  const before = seenIn(own, last.apiVersion)
  if (before === undefined) return merged
  const after = yield* pruned(before, last.set, byVersion(kept, last.apiVersion), seenIn)
  return (seenIn({ value: after, type: before.type }, apiVersion) ?? own).value
}

const versionOf = (value: unknown, otherwise: string) =>
  (value as Partial<KubeObject> | null | undefined)?.apiVersion ?? otherwise

/** What is kept, by version: that of the last apply first, while all of it is there to be converted. */
function byVersion(kept: readonly Owned[], first: string): readonly Owned[] {
  const sets = new Map<string, FieldSet>([[first, emptySet]])
  for (const { apiVersion, set } of kept) sets.set(apiVersion, union(sets.get(apiVersion) ?? emptySet, set))
  return [...sets].map(([apiVersion, set]) => ({ apiVersion, set })).filter(({ set }) => !isEmpty(set))
}

/** The object without what is in `last` and nobody else's. `seenIn` shows it in another version. */
function* pruned(
  whole: Seen,
  last: FieldSet,
  kept: readonly Owned[],
  seenIn: (seen: Seen, version: string) => Seen | undefined,
): Steps<unknown> {
  const lastNamed = withNamedFields(last, whole.type)
  yield
  // What is only emptied is there still: whoever owns no more than it owns none of what was in it.
  let left: Seen = { value: remove(whole.value, lastNamed, whole.type, null), type: whole.type }
  for (const { apiVersion, set } of kept) {
    const here = seenIn(whole, apiVersion)
    const leftHere = seenIn(left, apiVersion)
    if (here === undefined || leftHere === undefined) continue
    const claimed = union(named(leftHere), withNamedFields(set, here.type))
    yield
    const unclaimed = difference(named(here), claimed)
    yield
    left = { value: remove(here.value, unclaimed, here.type, null), type: here.type }
    yield
  }
  const back = seenIn(left, versionOf(whole.value, '')) ?? left
  const before = named(whole)
  yield
  const gone = difference(before, named(back))
  yield
  return remove(whole.value, intersection(gone, lastNamed), whole.type, null)
}

const named = ({ value, type }: Seen): FieldSet =>
  value === undefined ? emptySet : withNamedFields(fieldsOf(value, type), type)
