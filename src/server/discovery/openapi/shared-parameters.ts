/**
 * Parameters that many operations take are written once in the document of version 2, and referred to by name
 * (https://swagger.io/docs/specification/2-0/describing-parameters/#common-for-various-paths).
 */
import { createHash } from 'node:crypto'
import type { OpenApiSchema } from './definitions.ts'

/** Each kind has its own of these; kubectl before 1.27 looks for the last two where they are used. */
const KEPT: ReadonlySet<unknown> = new Set(['name', 'fieldValidation', 'dryRun'])

/** Collects what is referred to. */
export class SharedParameters {
  readonly #byName = new Map<string, OpenApiSchema>()

  /** All that were referred to, by name. */
  all(): Record<string, OpenApiSchema> {
    return Object.fromEntries([...this.#byName].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A reference to the parameter, or the parameter, if it stays where it is. */
  reference(parameter: OpenApiSchema): OpenApiSchema {
    if (KEPT.has(parameter.name) || isOfOneKind(parameter)) return parameter
    const digest = createHash('sha256').update(JSON.stringify(parameter)).digest('base64url')
    const name = `${String(parameter.name)}-${digest.slice(0, 8)}`
    this.#byName.set(name, parameter)
    return { $ref: `#/parameters/${name}` }
  }
}

/** A body is an object of some kind, or what all kinds have in common. */
function isOfOneKind({ in: place, schema }: OpenApiSchema): boolean {
  if (place !== 'body') return false
  const { $ref } = schema as { $ref?: string }
  return $ref?.startsWith('#/definitions/io.k8s.apimachinery.') !== true
}
