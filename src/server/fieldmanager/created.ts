/** The fields of a new object: all of them are its creator's. Objects of one make share what was found for the first. */
import type { Steps } from '../../base/async/steps.ts'
import type { SchemaLookup } from '../../wire/schema.ts'
import type { ObjectValue } from './elements.ts'
import { type FieldSet, isEmpty } from './field-set.ts'
import { typeOf } from './field-type.ts'
import { formatFieldsV1 } from './fields-v1.ts'
import { Outlines } from './outline.ts'
import { compareChange, taken } from './ownership.ts'
import { zeroOf } from './zero.ts'

export interface NewObject {
  /** Without managedFields. */
  readonly object: ObjectValue
  readonly key: string | undefined
  readonly lookup: SchemaLookup
  /** What a create does not set. */
  readonly reset: FieldSet
  /** Hardly another object has the same fields: nothing is to be remembered of them. */
  readonly isLarge?: boolean | undefined
}

/** By what is reset. */
const known = new WeakMap<FieldSet, Outlines>()

/** The fields that the creator of an object owns, as a FieldsV1 value; undefined when there are none. */
export function* fieldsOfNew(created: NewObject): Steps<object | undefined> {
  const { object, key, lookup, reset } = created
  // The schemas of other kinds may change.
  if (created.isLarge === true || key === undefined || lookup(key)?.hasProto !== true) return yield* findFields(created)
  let outlines = known.get(reset)
  if (outlines === undefined) known.set(reset, (outlines = new Outlines()))
  const place = outlines.placeOf(object, typeOf(key, lookup), key)
  if (place === undefined) return yield* findFields(created)
  if (place.fields === undefined) place.fields = (yield* findFields(created)) ?? null
  return place.fields ?? undefined
}

function* findFields({ object, key, lookup, reset }: NewObject): Steps<object | undefined> {
  const { changed } = compareChange({
    before: zeroOf(key, lookup),
    after: object,
    type: typeOf(key, lookup),
    reset,
  })
  yield
  const fields = taken(changed)
  return isEmpty(fields) ? undefined : yield* formatFieldsV1(fields)
}
