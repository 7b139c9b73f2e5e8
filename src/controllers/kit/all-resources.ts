/**
 * Every resource whose objects can be listed, watched and deleted: the built-in ones from the facts, and those that
 * CustomResourceDefinitions add. The garbage collector and the namespace controller work on all of them.
 */

import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import { groupFacts, resourceFacts } from '../../api/generated/resources.ts'
import type { ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'

export type AnyResource = ResourceRef<KubeObject>

const NEEDED = ['delete', 'list', 'watch']

/** The built-in resources, each in its group's preferred version. Events are told once, in the core group. */
export function builtInResources(): readonly AnyResource[] {
  const preferred = new Map(groupFacts.map((facts) => [facts.group, facts.preferred]))
  return Object.values(resourceFacts)
    .filter((facts) => facts.version === preferred.get(facts.group) && facts.aggregated !== true)
    .filter((facts) => NEEDED.every((verb) => facts.verbs.includes(verb)))
    .filter((facts) => facts.group !== 'events.k8s.io')
    .map(({ group, version, resource, kind, namespaced }) => ({ group, version, resource, kind, namespaced }))
}

/** The resource a definition serves; undefined while it serves none. */
export function customResource(definition: DeepReadonly<CustomResourceDefinition>): AnyResource | undefined {
  const { spec, status } = definition
  const isEstablished = status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')
  const version = spec.versions.find(({ storage, served }) => storage && served) ?? spec.versions.find((v) => v.served)
  if (isEstablished !== true || version === undefined) return undefined
  return {
    group: spec.group,
    version: version.name,
    resource: spec.names.plural,
    kind: spec.names.kind,
    namespaced: spec.scope === 'Namespaced',
  }
}

/** Tells a resource from all others, whatever the version. */
export const resourceKey = ({ group, resource }: Pick<AnyResource, 'group' | 'resource'>): string =>
  `${resource}.${group}`

/** Tells a kind from all others, whatever the version. */
export const kindKey = (group: string, kind: string): string => `${kind}.${group}`

/** The group of `v1` or `apps/v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
