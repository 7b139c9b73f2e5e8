/** Of what there are tables (https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables). */

import type { ServedResource } from '../../registry/served-resource.ts'

const PARTS: ReadonlySet<string> = new Set(['', 'status', 'scale'])

/** Kinds that have a table, and none of their status alone. */
const NO_STATUS_TABLE: ReadonlySet<string> = new Set([
  'apiservices.apiregistration.k8s.io',
  'resourceclaims.resource.k8s.io',
])

/** Whether a resource, or this part of it, can be told as a table. */
export function isTabular(
  { group, resource, verbs }: Pick<ServedResource, 'group' | 'resource' | 'verbs'>,
  part: string,
): boolean {
  if (part === 'status' && NO_STATUS_TABLE.has(`${resource}.${group}`)) return false
  return verbs.has('get') && PARTS.has(part)
}
