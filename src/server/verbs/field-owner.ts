/** Notes in managedFields who wrote what (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). */

import { schemaOf } from '../../api/schemas.ts'
import { toTime } from '../../base/clock.ts'
import type { WriteOptions } from '../../client/transport.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { managerOf, updateManagedFields } from '../fieldmanager/field-manager.ts'
import type { ServedResource } from '../registry/served-resource.ts'

export interface TrackedWrite {
  readonly draft: KubeObject
  /** Absent for a create. */
  readonly old?: DeepReadonly<KubeObject>
  readonly options: WriteOptions
}

/** What the field manager must know of a write besides the objects. */
export function fieldWrite(core: ApiCore, context: RequestContext, options: WriteOptions) {
  const { resource, subresource, userAgent } = context
  return {
    manager: managerOf(options.fieldManager, userAgent),
    apiVersion: resource.apiVersion,
    ...(subresource === '' ? {} : { subresource }),
    time: toTime(core.clock.now()),
    type: { key: typeKeyOf(resource), lookup: schemaOf },
  }
}

const typeKeyOf = ({ facts }: ServedResource) => (schemaOf(facts.type) === undefined ? undefined : facts.type)

/** Writes the new owners of a create, update or patch into the draft. */
export function trackFields(core: ApiCore, context: RequestContext, { draft, old, options }: TrackedWrite): void {
  // What the main resource does not write, its caller does not own.
  const isStatusApart = context.subresource === '' && context.resource.subresources.has('status')
  const next = isStatusApart && old === undefined && 'status' in draft ? { ...draft, status: {} } : draft
  const entries = updateManagedFields({ ...fieldWrite(core, context, options), live: old, next })
  if (entries.length === 0) delete draft.metadata.managedFields
  else draft.metadata.managedFields = entries as ManagedFieldsEntry[]
}
