/** The types of API objects, for expressions that are checked against what is known of their fields (https://kubernetes.io/docs/reference/using-api/cel/#type-system-integration). */

import type { ScalarKind, SchemaLookup, Shape } from '../../wire/schema.ts'
import type { Fields } from './environment.ts'
import { RESERVED } from './parser.ts'
import { BOOL, BYTES, type CelType, DOUBLE, DYN, INT, listOf, mapOf, objectType, STRING, TIMESTAMP } from './types.ts'

/** What has no fields that are known. */
const UNKNOWN = objectType('object')
const NO_FIELDS: Fields = { field: () => undefined }

/** Quantities are not told of: they have two forms. */
const SCALARS: Readonly<Record<ScalarKind, CelType | undefined>> = {
  string: STRING,
  boolean: BOOL,
  int32: INT,
  int64: INT,
  double: DOUBLE,
  bytes: BYTES,
  Quantity: undefined,
  Time: TIMESTAMP,
  MicroTime: TIMESTAMP,
  Duration: STRING,
  IntOrString: DYN,
  any: UNKNOWN,
}

/** The type of the objects whose schema has the key. */
export const typeOfSchema = (key: string): CelType => objectType(key)

/** The fields of all types that schemas tell. */
export function schemaObjects(lookup: SchemaLookup): (name: string) => Fields | undefined {
  const known = new Map<string, Fields | undefined>()
  return (name) => {
    if (name === UNKNOWN.name) return NO_FIELDS
    if (!known.has(name)) known.set(name, fieldsOf(name, lookup))
    return known.get(name)
  }
}

function fieldsOf(key: string, lookup: SchemaLookup): Fields | undefined {
  const schema = lookup(key)
  if (schema === undefined) return undefined
  const types = new Map<string, CelType>()
  for (const [name, { shape }] of schema.fields) {
    const type = typeOfShape(shape)
    if (type === undefined) continue
    types.set(escaped(name), type)
    if (RESERVED.has(name)) types.set(name, type)
  }
  if (schema.root) for (const name of ['apiVersion', 'kind']) types.set(name, STRING)
  return { field: (name) => types.get(name) }
}

function typeOfShape(shape: Shape): CelType | undefined {
  switch (shape.kind) {
    case 'scalar':
      return SCALARS[shape.scalar]
    case 'struct':
      return typeOfSchema(shape.type)
    case 'list':
    case 'map': {
      const item = typeOfShape(shape.of)
      return item && (shape.kind === 'list' ? listOf(item) : mapOf(STRING, item))
    }
  }
}

const PUNCTUATION: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
}

/** A field's name as expressions write it (https://kubernetes.io/docs/reference/using-api/cel/#escaping). */
function escaped(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`
  return name.replace(/__|[./-]/g, (part) => PUNCTUATION[part] ?? part)
}
