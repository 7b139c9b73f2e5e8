/** Structural schemas: what the server can prune, default and check by (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema). */

import { RE2JS } from 're2js'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import type { JSONSchemaProps } from '../../../generated/apiextensions-v1.ts'

type Schema = DeepReadonly<JSONSchemaProps>

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const LIST_TYPES = ['atomic', 'map', 'set']
const MAP_TYPES = ['atomic', 'granular']
/** What no schema may say. */
const UNSUPPORTED = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id'] as const
/** What may not stand inside `allOf`, `anyOf`, `oneOf` and `not`, whose schemas only check values. */
const FORBIDDEN_INSIDE = [
  'description',
  'type',
  'default',
  'additionalProperties',
  'title',
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
] as const
/** A schema that nests deeper is refused rather than followed. */
const MAX_DEPTH = 64

/** Every fault of the schema of a version. */
export function validateStructuralSchema(schema: Schema, path: FieldPath, isPreserving: boolean): FieldError[] {
  const faults: FieldError[] = []
  if (schema.type !== 'object') {
    faults.push(
      schema.type === undefined || schema.type === ''
        ? required(path.child('type'), 'must not be empty at the root')
        : invalidValue(path.child('type'), schema.type, 'must be object at the root'),
    )
  }
  if (schema.nullable === true)
    faults.push(forbiddenField(path.child('nullable'), 'nullable cannot be true at the root'))
  if (isPreserving && schema['x-kubernetes-preserve-unknown-fields'] === undefined) {
    faults.push(required(path.child('x-kubernetes-preserve-unknown-fields'), 'must be true'))
  }
  return [...faults, ...validateNode(schema, path, { place: 'root', depth: 0 })]
}

interface Context {
  readonly place: 'root' | 'field' | 'item' | 'inside'
  readonly depth: number
}

function validateNode(schema: Schema, path: FieldPath, context: Context): FieldError[] {
  const { place, depth } = context
  if (depth > MAX_DEPTH) return [forbiddenField(path, `schema nests more than ${MAX_DEPTH} levels`)]
  const faults = unsupportedFaults(schema, path)
  if (place === 'inside') faults.push(...insideFaults(schema, path))
  else faults.push(...typeFaults(schema, path, place), ...kubernetesFaults(schema, path))
  if (schema.pattern !== undefined && !isPattern(schema.pattern)) {
    faults.push(invalidValue(path.child('pattern'), schema.pattern, 'must be a valid regular expression'))
  }
  return [...faults, ...children(schema, path, context)]
}

function unsupportedFaults(schema: Schema, path: FieldPath): FieldError[] {
  const faults = UNSUPPORTED.filter((name) => schema[name] !== undefined).map((name) =>
    forbiddenField(path.child(name), `${name} is not supported`),
  )
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    faults.push(forbiddenField(path.child('uniqueItems'), detail))
  }
  if (schema.additionalProperties !== undefined && schema.properties !== undefined) {
    const isFalse = schema.additionalProperties === false
    const detail = isFalse
      ? 'additionalProperties cannot be set to false'
      : 'additionalProperties and properties are mutual exclusive'
    faults.push(forbiddenField(path.child('additionalProperties'), detail))
  } else if (schema.additionalProperties === false) {
    faults.push(forbiddenField(path.child('additionalProperties'), 'additionalProperties cannot be set to false'))
  }
  if (Array.isArray(schema.items)) {
    faults.push(forbiddenField(path.child('items'), 'items must be a schema object and not an array'))
  }
  return faults
}

function insideFaults(schema: Schema, path: FieldPath): FieldError[] {
  const isIntOrString = (each: Schema) => each.type === 'integer' || each.type === 'string'
  return FORBIDDEN_INSIDE.filter((name) => {
    const value = schema[name]
    if (value === undefined || value === '' || value === false) return false
    return !(name === 'type' && isIntOrString(schema))
  }).map((name) => forbiddenField(path.child(name), 'must be empty to be structural'))
}

function typeFaults(schema: Schema, path: FieldPath, place: Context['place']): FieldError[] {
  const { type = '' } = schema
  const isFree =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type === '') {
    if (isFree || place === 'root') return []
    const what = place === 'item' ? 'specified array items' : 'specified object fields'
    return [required(path.child('type'), `must not be empty for ${what}`)]
  }
  if (!TYPES.includes(type)) return [notSupported(path.child('type'), type, TYPES)]
  if (type === 'array' && schema.items === undefined) return [required(path.child('items'), 'must be specified')]
  return []
}

function kubernetesFaults(schema: Schema, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const listType = schema['x-kubernetes-list-type']
  const mapType = schema['x-kubernetes-map-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const at = path.child('x-kubernetes-list-type')
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const detail = 'must be true or undefined'
    faults.push(invalidValue(path.child('x-kubernetes-preserve-unknown-fields'), false, detail))
  }
  if (schema['x-kubernetes-int-or-string'] === true && schema.type !== undefined && schema.type !== '') {
    faults.push(invalidValue(path.child('type'), schema.type, 'must be empty if x-kubernetes-int-or-string is true'))
  }
  if (schema['x-kubernetes-embedded-resource'] === true && schema.type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    faults.push(invalidValue(path.child('type'), schema.type ?? '', detail))
  }
  if (listType !== undefined && schema.type !== 'array') {
    const detail = 'must be array if x-kubernetes-list-type is specified'
    faults.push(
      (schema.type ?? '') === ''
        ? required(path.child('type'), detail)
        : invalidValue(path.child('type'), schema.type, detail),
    )
  }
  if (listType !== undefined && !LIST_TYPES.includes(listType)) faults.push(notSupported(at, listType, LIST_TYPES))
  if (mapType !== undefined && !MAP_TYPES.includes(mapType)) {
    faults.push(notSupported(path.child('x-kubernetes-map-type'), mapType, MAP_TYPES))
  }
  if (listType === 'map' && keys.length === 0) {
    const detail = 'must not be empty if x-kubernetes-list-type is map'
    faults.push(required(path.child('x-kubernetes-list-map-keys'), detail))
  }
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    faults.push(listType === undefined ? required(at, detail) : invalidValue(at, listType, detail))
  }
  const items = Array.isArray(schema.items) ? undefined : (schema.items as Schema | undefined)
  keys.forEach((key, position) => {
    if (items === undefined || Object.hasOwn(items.properties ?? {}, key)) return
    const detail = 'entries must all be names of item properties'
    faults.push(invalidValue(path.child('x-kubernetes-list-map-keys').index(position), key, detail))
  })
  return faults
}

function children(schema: Schema, path: FieldPath, { place, depth }: Context): FieldError[] {
  const isInside = place === 'inside'
  const down = (child: Schema, at: FieldPath, next: Context['place']) =>
    validateNode(child, at, { place: isInside ? 'inside' : next, depth: depth + 1 })
  const faults: FieldError[] = []
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    faults.push(...down(child, path.child('properties').key(name), 'field'))
  }
  if (typeof schema.additionalProperties === 'object') {
    faults.push(...down(schema.additionalProperties, path.child('additionalProperties'), 'field'))
  }
  if (schema.items !== undefined && !Array.isArray(schema.items)) {
    faults.push(...down(schema.items as Schema, path.child('items'), 'item'))
  }
  const inside = { place: 'inside', depth: depth + 1 } as const
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    const mayHaveTypes = schema['x-kubernetes-int-or-string'] === true
    for (const [at, child] of (schema[name] ?? []).entries()) {
      const found = validateNode(child, path.child(name).index(at), inside)
      faults.push(...(mayHaveTypes ? found.filter(({ field }) => !field.endsWith('.type')) : found))
    }
  }
  if (schema.not !== undefined) faults.push(...validateNode(schema.not, path.child('not'), inside))
  return faults
}

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text)
    return true
  } catch {
    return false
  }
}
