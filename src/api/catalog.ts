/** All kinds that mean something of their own, in discovery's order; every other resource is served generically. */

import { resourceFacts } from './generated/resources.ts'
import { pods } from './core/v1/pod/resource.ts'
import type { ResourceDefinition } from './resource.ts'

/** The meanings, in order. */
export const catalog: readonly ResourceDefinition[] = [pods]

const byKey = index(catalog)

/** What the kind behind a resource means: its own definition, or an empty one (`apps/v1/deployments`, `v1/pods`). */
export function definitionOf(key: string): ResourceDefinition {
  return byKey.get(key) ?? { key }
}

function index(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, ResourceDefinition> {
  const found = new Map<string, ResourceDefinition>()
  for (const definition of definitions) {
    if (!Object.hasOwn(resourceFacts, definition.key))
      throw new Error(`no resource is known by the key ${definition.key}`)
    if (found.has(definition.key)) throw new Error(`two definitions have the key ${definition.key}`)
    found.set(definition.key, definition)
  }
  return found
}
