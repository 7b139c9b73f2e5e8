/** Notes in managedFields who wrote what (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). */

import { schemaOf } from '../../api/schemas.ts'
import { atOnce, type Steps } from '../../base/async/steps.ts'
import { toTime } from '../../base/clock.ts'
import type { WriteOptions } from '../../client/transport.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { managerOf, updateInSteps, updateManagedFields } from '../fieldmanager/field-manager.ts'
import type { Convert, ObjectType } from '../fieldmanager/versions.ts'
import { asStored, storedResource } from '../registry/object-views.ts'
import type { ResourceTable, ServedResource } from '../registry/served-resource.ts'
import { asGiven, asWritten } from '../registry/stored-object.ts'

export interface TrackedWrite {
  readonly draft: KubeObject
  /** Absent for a create. */
  readonly old?: DeepReadonly<KubeObject> | undefined
  readonly options: WriteOptions
}

/** What the field manager must know of a write besides the objects. */
export function fieldWrite(core: ApiCore, context: RequestContext, options: WriteOptions) {
  const { resource, subresource, userAgent } = context
  return {
    manager: managerOf(options.fieldManager, userAgent),
    apiVersion: resource.apiVersion,
    subresource: subresource === '' ? undefined : subresource,
    time: toTime(core.clock.now()),
    type: objectTypeOf(resource),
    resetFields: resetFieldsOf(core, resource, subresource),
    convert: converter(core.resources, resource),
  }
}

/** What a way of writing never changes, where that is not what all kinds leave alone. */
function resetFieldsOf({ resources }: ApiCore, resource: ServedResource, subresource: string) {
  const { keptByStatus = [], resetFields } = storedResource(resources, resource).meaning
  const own = resetFields?.[subresource]
  if (own !== undefined || subresource !== 'status') return own
  const kept = keptByStatus === 'metadata' ? [['metadata']] : keptByStatus.map((name) => ['metadata', name])
  return [['spec'], ...kept]
}

/**
 * Shows an object of `resource` as another version of the same; nothing for one that is not served. Versions of another
 * group (Events have two) count as such: whoever wrote in one owns nothing of what is written in the other.
 */
function converter(resources: ResourceTable, resource: ServedResource): Convert {
  const inVersion = (apiVersion: string) => {
    // The group before the slash may be none.
    const asked = apiVersion.replace(/^\//, '')
    return [...resources.all()].find(
      (one) => one.apiVersion === asked && one.group === resource.group && one.prefix === resource.prefix,
    )
  }
  return (object, apiVersion) => {
    const own = object.apiVersion === resource.apiVersion ? resource : inVersion(object.apiVersion ?? '')
    const other = inVersion(apiVersion)
    if (own === undefined || other === undefined) return undefined
    if (other === own) return { object, type: objectTypeOf(own) }
    const stored = asStored(own, draftOf<KubeObject>(object))
    return { object: asWritten(other.view?.fromStored(stored) ?? stored) as KubeObject, type: objectTypeOf(other) }
  }
}

/** Notes in the draft what the server itself writes into the status of `old`. */
export function trackOwnStatus(
  resource: ServedResource,
  draft: KubeObject,
  old: DeepReadonly<KubeObject>,
  now: number,
) {
  draft.metadata.managedFields = updateManagedFields({
    manager: 'kube-apiserver',
    apiVersion: resource.apiVersion,
    subresource: 'status',
    time: toTime(now),
    type: objectTypeOf(resource),
    live: asWritten(old) as DeepReadonly<KubeObject>,
    next: asWritten(draft) as DeepReadonly<KubeObject>,
  }) as ManagedFieldsEntry[]
}

/** The type that the field manager goes by. */
export function objectTypeOf({ facts }: ServedResource): ObjectType {
  return { key: schemaOf(facts.type) === undefined ? undefined : facts.type, lookup: schemaOf }
}

/** What is written in a version that is only a view is owned as it is seen once it is stored. */
function seenAgain({ view }: ServedResource, object: KubeObject): KubeObject {
  return view === undefined ? object : view.fromStored(view.toStored(object))
}

/** Writes the new owners of a create, update or patch into the draft, which is in the request's own version. */
export const trackFields = (core: ApiCore, context: RequestContext, write: TrackedWrite): void =>
  atOnce(trackInSteps(core, context, write))

/** The same, of what is huge, so that others have their turn. */
export function* trackInSteps(
  core: ApiCore,
  context: RequestContext,
  { draft, old, options }: TrackedWrite,
): Steps<void> {
  // What the main resource does not write, its caller does not own.
  const isStatusApart = context.subresource === '' && context.resource.subresources.has('status')
  const next = isStatusApart && old === undefined && 'status' in draft ? { ...draft, status: {} } : draft
  const { manager, apiVersion, subresource, time, type, resetFields, convert } = fieldWrite(core, context, options)
  const entries = yield* updateInSteps({
    manager,
    apiVersion,
    subresource,
    time,
    type,
    resetFields,
    convert,
    live: old === undefined ? undefined : (asWritten(old) as DeepReadonly<KubeObject>),
    next: asGiven(seenAgain(context.resource, next)) as DeepReadonly<KubeObject>,
    isLarge: context.isLarge,
  })
  if (entries.length === 0) delete draft.metadata.managedFields
  else draft.metadata.managedFields = entries as ManagedFieldsEntry[]
}
