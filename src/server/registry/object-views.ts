/** Objects as a resource shows them: as they are stored, or through the view of another version. */

import type { KubeObject } from '../../meta/types.ts'
import type { ResourceTable, ServedResource } from './served-resource.ts'
import { StoredObject } from './stored-object.ts'
import { shownFrom } from './stored-views.ts'

/** `stored` as `resource` shows it; made once for each object. */
export function shownAs(resource: ServedResource, stored: StoredObject): StoredObject {
  const { view } = resource
  if (view === undefined) return stored
  return stored.derived(`view:${resource.key}`, () => {
    const { apiVersion, kind, ...rest } = view.fromStored(stored.object as KubeObject)
    const shown = new StoredObject({ apiVersion, kind, ...rest } as KubeObject, stored.revision)
    shownFrom.set(shown.object, stored.object as KubeObject)
    return shown
  })
}

/** The resource whose objects are stored for `resource`: itself, unless it is a view. */
export function storedResource(resources: ResourceTable, resource: ServedResource): ServedResource {
  const { view } = resource
  if (view === undefined) return resource
  const target = resources.need(`${view.group === '' ? '' : `${view.group}/`}${view.version}/${view.resource}`)
  if (view.rules === undefined) return target
  let ruled = underRules.get(resource)
  if (ruled === undefined) {
    ruled = { ...target, meaning: { ...target.meaning, ...view.rules } }
    underRules.set(resource, ruled)
  }
  return ruled
}

/** Stored resources under the rules of a view. */
const underRules = new WeakMap<ServedResource, ServedResource>()

/** A draft in the version it is stored in. */
export function asStored(resource: ServedResource, draft: KubeObject): KubeObject {
  return resource.view === undefined ? draft : resource.view.toStored(draft)
}
