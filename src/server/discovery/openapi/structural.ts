/** Schemas of custom resources for the old OpenAPI, which lacks some of their keywords. */
import type { OpenApiSchema } from './definitions.ts'

/** Keywords that version 2 does not have; what they say is left out, which only makes the schema more lenient. */
const newKeywords = new Set(['nullable', 'anyOf', 'oneOf', 'allOf', 'not', 'x-kubernetes-validations'])
const maxDepth = 100

/** The schema in terms of version 2. */
export function withoutNewKeywords(schema: OpenApiSchema, depth = 0): OpenApiSchema {
  if (depth > maxDepth) return {}
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true
  const result: OpenApiSchema = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (newKeywords.has(keyword)) continue
    if (keyword === 'properties') result.properties = eachOf(value, depth)
    else if (keyword === 'items' || keyword === 'additionalProperties') result[keyword] = oneOf(value, depth)
    else result[keyword] = value
  }
  if (isIntOrString) delete result.type
  // Clients refuse fields that a type does not name; where any are kept, it is no use to name some.
  if (preserves && depth > 0) {
    delete result.properties
    delete result.type
  }
  return result
}

function eachOf(value: unknown, depth: number): Record<string, unknown> {
  const properties = Object.entries(value as Record<string, OpenApiSchema>)
  return Object.fromEntries(properties.map(([name, schema]) => [name, withoutNewKeywords(schema, depth + 1)]))
}

function oneOf(value: unknown, depth: number): unknown {
  return typeof value === 'object' && value !== null ? withoutNewKeywords(value as OpenApiSchema, depth + 1) : value
}
