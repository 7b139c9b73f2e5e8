/**
 * What the server serves: every resource with its facts, its meaning and where it is stored. Built-in resources come
 * from the generated facts and the catalog; custom ones are added while the server runs.
 */

import { type ResourceFacts, resourceFacts, type SubresourceFacts } from '../../api/generated/resources.ts'
import type { Column, KindMeaning, ResourceDefinition } from '../../api/resource.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { shownFrom, type StoredView, storedViews } from './stored-views.ts'

/** One resource in one version. */
export interface ServedResource {
  readonly key: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly listKind: string
  readonly apiVersion: string
  readonly namespaced: boolean
  readonly facts: ResourceFacts
  readonly meaning: KindMeaning<KubeObject>
  readonly verbs: ReadonlySet<string>
  readonly subresources: ReadonlyMap<string, SubresourceFacts>
  /** Whether objects of it are kept; reviews and the like are only answered. */
  readonly stored: boolean
  /** Where its objects are kept: `/registry/<group>/<resource>/`, that of the stored version. */
  readonly prefix: string
  /** How to read and write objects that are stored as another version; absent: they are stored as they are. */
  readonly view?: StoredView
}

/** Looks resources up by what a request names. */
export interface ResourceTable {
  find(group: string, version: string, resource: string): ServedResource | undefined
  /** Whether anything of the group is served. */
  hasGroup(group: string): boolean
  /** Throws when there is none: for resources that the server itself cannot do without. */
  need(key: string): ServedResource
  all(): Iterable<ServedResource>
}

/** The storage key of an object. */
export function storageKey(resource: ServedResource, namespace: string, name: string): string {
  return namespace === '' ? resource.prefix + name : `${resource.prefix}${namespace}/${name}`
}

/** The table of all built-in resources. */
export function builtinResources(catalog: readonly ResourceDefinition[]): ResourceTable {
  const meanings = new Map(catalog.map((definition) => [definition.key, definition]))
  const byKey = new Map<string, ServedResource>()
  for (const [key, facts] of Object.entries(resourceFacts))
    byKey.set(key, served(key, facts, meanings.get(key) ?? shownLikeStored(key, meanings)))
  const groups = new Set([...byKey.values()].map(({ group }) => group))
  return {
    hasGroup: (group) => groups.has(group),
    find: (group, version, resource) =>
      byKey.get(group === '' ? `${version}/${resource}` : `${group}/${version}/${resource}`),
    need(key) {
      const found = byKey.get(key)
      if (found === undefined) throw new Error(`there is no resource ${key}`)
      return found
    },
    all: () => byKey.values(),
  }
}

/** A view that means nothing of its own is printed as what is stored. */
function shownLikeStored(
  key: string,
  meanings: ReadonlyMap<string, ResourceDefinition>,
): KindMeaning<KubeObject> | undefined {
  const view = storedViews.get(key)
  const columns = meanings.get(`${view?.group}/${view?.version}/${view?.resource}`)?.columns
  if (view === undefined || columns === undefined) return undefined
  const cellOf =
    ({ cell }: Column<KubeObject>): Column<KubeObject>['cell'] =>
    (object, now) =>
      cell(shownFrom.get(object) ?? view.toStored(draftOf<KubeObject>(object)), now)
  return {
    columns: columns.map((column) => ({ ...column, cell: cellOf(column) })),
    ...(view.setDefaults === undefined ? {} : { setDefaults: view.setDefaults }),
  }
}

function served(key: string, facts: ResourceFacts, meaning: KindMeaning<KubeObject> | undefined): ServedResource {
  const view = storedViews.get(key)
  const group = view === undefined ? facts.group : view.group
  const resource = view === undefined ? facts.resource : view.resource
  return {
    key,
    group: facts.group,
    version: facts.version,
    resource: facts.resource,
    kind: facts.kind,
    listKind: `${facts.kind}List`,
    apiVersion: facts.group === '' ? facts.version : `${facts.group}/${facts.version}`,
    namespaced: facts.namespaced,
    facts,
    meaning: meaning ?? {},
    verbs: new Set(facts.verbs),
    subresources: new Map(facts.subresources.map((subresource) => [subresource.name, subresource])),
    stored: facts.storageVersionHash !== undefined,
    prefix: `/registry/${group === '' ? 'core' : group}/${resource}/`,
    ...(view === undefined ? {} : { view }),
  }
}
