/**
 * What a strategic merge patch asks of a schema: how a field is merged, and by which key the items of its list
 * are told apart.
 */
import type { FieldSchema, SchemaLookup, Shape, StructSchema } from '../schema.ts'
import { unclassified } from './errors.ts'

/**
 * Where in the schema a value stands. `open` is a value without a schema of its own (`any`, raw extensions): its
 * objects are merged, its lists replaced.
 */
export type Place =
  | { readonly kind: 'struct'; readonly schema: StructSchema; readonly lookup: SchemaLookup }
  | { readonly kind: 'map'; readonly of: Shape; readonly lookup: SchemaLookup }
  | { readonly kind: 'open' }

/** How one field is patched. */
export interface FieldMeta {
  /** The place of the field's value, or of each item when the value is a list. */
  readonly place: Place
  readonly strategy: 'merge' | 'replace' | undefined
  readonly mergeKey: string | undefined
}

const open: Place = { kind: 'open' }
const openField: FieldMeta = { place: open, strategy: undefined, mergeKey: undefined }
const metas = new WeakMap<FieldSchema, FieldMeta>()

/** How the field `name` of the object at `place` is patched. Throws when the type has no such field. */
export function fieldMeta(place: Place, name: string): FieldMeta {
  if (place.kind === 'open') return openField
  if (place.kind === 'map') return { place: placeOf(place.of, place.lookup), strategy: undefined, mergeKey: undefined }
  const field = place.schema.fields.get(name)
  if (field === undefined) {
    const type = place.schema.key.slice(place.schema.key.lastIndexOf('.') + 1)
    throw unclassified(`unable to find api field in struct ${type} for the json field ${JSON.stringify(name)}`)
  }
  let meta = metas.get(field)
  if (meta === undefined) {
    const { patchStrategy = [] } = field
    meta = {
      place: placeOf(field.shape, place.lookup),
      strategy: patchStrategy.includes('merge') ? 'merge' : patchStrategy.includes('replace') ? 'replace' : undefined,
      mergeKey: field.patchMergeKey,
    }
    metas.set(field, meta)
  }
  return meta
}

function placeOf(shape: Shape, lookup: SchemaLookup): Place {
  switch (shape.kind) {
    case 'scalar':
      return open
    case 'list':
      return placeOf(shape.of, lookup)
    case 'map':
      return { kind: 'map', of: shape.of, lookup }
    case 'struct': {
      const schema = lookup(shape.type)
      return schema === undefined ? open : { kind: 'struct', schema, lookup }
    }
  }
}
