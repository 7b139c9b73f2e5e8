/**
 * What a field's value is, as far as ownership goes: whether its parts are owned one by one or as a whole
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy).
 */
import type { FieldSchema, ScalarKind, SchemaLookup, Shape, StructSchema } from '../../wire/schema.ts'

export type FieldType =
  | ScalarType
  /** No schema: objects are owned key by key, lists as a whole. */
  | { readonly kind: 'open' }
  | { readonly kind: 'map'; readonly atomic: boolean; readonly of: FieldType }
  | StructType
  | ListType

export interface ScalarType {
  readonly kind: 'scalar'
  /** `scalar`: any of them. Absent: it has more than one form, and is judged when it is read. */
  readonly is?: 'string' | 'number' | 'boolean' | 'scalar'
}

export interface StructType {
  readonly kind: 'struct'
  readonly atomic: boolean
  readonly key: string
  /** The type of a field; undefined when there is no such field. */
  field(name: string): FieldType | undefined
  readonly schema: StructSchema
}

export interface ListType {
  readonly kind: 'list'
  readonly relation: 'atomic' | 'set' | 'map'
  /** The fields that tell items of a `map` apart, in order of their names, with their defaults. */
  readonly keys: readonly { readonly name: string; readonly default: unknown }[]
  /** Their names in the order of the type. */
  readonly names?: readonly string[]
  readonly of: FieldType
}

const SCALARS: Readonly<Record<Exclude<ScalarKind, 'any'>, ScalarType>> = {
  string: { kind: 'scalar', is: 'string' },
  boolean: { kind: 'scalar', is: 'boolean' },
  int32: { kind: 'scalar', is: 'number' },
  int64: { kind: 'scalar', is: 'number' },
  double: { kind: 'scalar', is: 'number' },
  bytes: { kind: 'scalar', is: 'string' },
  Time: { kind: 'scalar', is: 'scalar' },
  MicroTime: { kind: 'scalar', is: 'scalar' },
  Duration: { kind: 'scalar', is: 'scalar' },
  Quantity: { kind: 'scalar', is: 'scalar' },
  IntOrString: { kind: 'scalar' },
}
export const openType: FieldType = { kind: 'open' }

const byLookup = new WeakMap<SchemaLookup, Map<string, FieldType>>()

/** The type of the objects of the kind `key`. */
export function typeOf(key: string | undefined, lookup: SchemaLookup): FieldType {
  return key === undefined ? openType : structType(key, lookup)
}

function structType(key: string, lookup: SchemaLookup): FieldType {
  let types = byLookup.get(lookup)
  if (types === undefined) {
    types = new Map()
    byLookup.set(lookup, types)
  }
  const schema = lookup(key)
  const known = types.get(key)
  if (known !== undefined && (known.kind !== 'struct' || known.schema === schema)) return known
  const type = schema === undefined ? openType : makeStruct(schema, lookup)
  types.set(key, type)
  return type
}

function makeStruct(schema: StructSchema, lookup: SchemaLookup): StructType {
  const fields = new Map<string, FieldType>()
  return {
    kind: 'struct',
    key: schema.key,
    schema,
    atomic: schema.structType === 'atomic' || schema.mapType === 'atomic',
    field(name) {
      const known = fields.get(name)
      if (known !== undefined) return known
      const field = schema.fields.get(name)
      if (field === undefined) return undefined
      const type = fieldType(field, lookup)
      fields.set(name, type)
      return type
    },
  }
}

function fieldType(field: FieldSchema, lookup: SchemaLookup): FieldType {
  const { shape } = field
  switch (shape.kind) {
    case 'list':
      return listType(field, shape.of, lookup)
    case 'map':
      return { kind: 'map', atomic: field.mapType === 'atomic', of: shapeType(shape.of, lookup) }
    case 'struct': {
      const type = structType(shape.type, lookup)
      const marker = field.structType ?? field.mapType
      if (type.kind !== 'struct' || marker === undefined || (marker === 'atomic') === type.atomic) return type
      return { ...type, atomic: marker === 'atomic' }
    }
    case 'scalar':
      return shapeType(shape, lookup)
  }
}

function shapeType(shape: Shape, lookup: SchemaLookup): FieldType {
  switch (shape.kind) {
    case 'scalar':
      if (shape.scalar !== 'any') return SCALARS[shape.scalar]
      return shape.atomic === true ? { kind: 'scalar' } : openType
    case 'list':
      return { kind: 'list', relation: 'atomic', keys: [], of: shapeType(shape.of, lookup) }
    case 'map':
      return { kind: 'map', atomic: false, of: shapeType(shape.of, lookup) }
    case 'struct':
      return structType(shape.type, lookup)
  }
}

function listType(field: FieldSchema, of: Shape, lookup: SchemaLookup): ListType {
  const item = shapeType(of, lookup)
  const relation = field.listType ?? 'atomic'
  const schema = of.kind === 'struct' ? lookup(of.type) : undefined
  const names = relation === 'map' ? [...(field.listMapKeys ?? [])].sort() : []
  const keys = names.map((name) => ({ name, default: defaultOf(schema?.fields.get(name)) }))
  if (relation === 'map' && keys.length === 0) return { kind: 'list', relation: 'atomic', keys, of: item }
  return { kind: 'list', relation, keys, names: field.listMapKeys ?? [], of: item }
}

const ZEROS: Partial<Record<ScalarKind, unknown>> = { string: '', int32: 0, int64: 0 }

/** What a field is when it is not given: its default, or the zero of what is always written. */
function defaultOf(field: FieldSchema | undefined): unknown {
  if (field === undefined || field.default !== undefined) return field?.default
  const { shape, pointer, omitEmpty } = field
  return pointer || omitEmpty || shape.kind !== 'scalar' ? undefined : ZEROS[shape.scalar]
}
