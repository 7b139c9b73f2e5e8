/** What ConfigMaps and Secrets have in common. */

import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { deepEqual, forbiddenField } from '../../../meta/validation.ts'
import { asGiven } from '../../../wire/json/nil.ts'

/** All values of one object together. */
export const MAX_DATA_BYTES = 1024 * 1024

const FROZEN = 'field is immutable when `immutable` is set'

/** Once it is said to be immutable, an object stays so and its data stays what it is. */
export function validateFrozenData<Field extends string>(
  object: { readonly immutable?: boolean } & { readonly [Name in Field]?: unknown },
  old: { readonly immutable?: boolean } & { readonly [Name in Field]?: unknown },
  fields: readonly Field[],
  root: FieldPath,
): FieldError[] {
  if (old.immutable !== true) return []
  const faults = object.immutable === true ? [] : [forbiddenField(root.child('immutable'), FROZEN)]
  for (const field of fields) {
    // An empty map is not none here.
    const isNew = object[field] === undefined && old[field] === undefined && asGiven(object, field) !== undefined
    if (isNew || !deepEqual(object[field] ?? {}, old[field] ?? {}))
      faults.push(forbiddenField(root.child(field), FROZEN))
  }
  return faults
}
