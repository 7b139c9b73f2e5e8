/**
 * The empty object of a type, as a struct of that type has it before anything is set: what a create is compared
 * with.
 */
import { isNilWhenAbsent } from '../../wire/json/nil.ts'
import type { FieldSchema, ScalarKind, SchemaLookup } from '../../wire/schema.ts'
import type { ObjectValue } from './elements.ts'

const made = new WeakMap<SchemaLookup, Map<string, ObjectValue>>()
const scalars: Partial<Record<ScalarKind, unknown>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 }

/** The zero of a type: structs that are always there are there, lists that are always written are null. */
export function zeroOf(key: string | undefined, lookup: SchemaLookup): ObjectValue {
  const schema = key === undefined ? undefined : lookup(key)
  if (schema?.hasProto !== true) return {} // custom resources begin with nothing
  let byKey = made.get(lookup)
  if (byKey === undefined) {
    byKey = new Map()
    made.set(lookup, byKey)
  }
  const known = byKey.get(schema.key)
  if (known !== undefined) return known
  const zero: Record<string, unknown> = {}
  byKey.set(schema.key, zero)
  for (const [name, field] of schema.fields) {
    const value = zeroField(field, lookup)
    if (value !== undefined) zero[name] = value
  }
  return zero
}

const isTime = (scalar: ScalarKind) => scalar === 'Time' || scalar === 'MicroTime'

function zeroField(field: FieldSchema, lookup: SchemaLookup): unknown {
  const { name, shape, pointer, omitEmpty } = field
  if (pointer) return isNilWhenAbsent(field) ? null : undefined
  // Times are structs: always written, but for that of an object's creation.
  if (shape.kind === 'scalar' && isTime(shape.scalar)) return name === 'creationTimestamp' ? undefined : null
  if (shape.kind === 'struct') return zeroOf(shape.type, lookup)
  if (omitEmpty) return undefined
  return shape.kind === 'scalar' ? (scalars[shape.scalar] ?? null) : null
}
