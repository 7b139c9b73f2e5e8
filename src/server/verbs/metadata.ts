/** The metadata that the server writes, and what a write may say of it. */

import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { badRequest } from '../../meta/errors.ts'
import type { KubeObject, ObjectMeta } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { schemaOf } from '../../api/schemas.ts'

/** What a deleted object's dependents wait for, or are spared by. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion'
export const ORPHAN_FINALIZER = 'orphan'

/** Checks that the body is about what the URL names, and fills in the namespace. */
export function matchRequest({ resource, namespace }: RequestContext, metadata: ObjectMeta): void {
  const own = metadata.namespace ?? ''
  if (!resource.namespaced) return
  if (own !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  metadata.namespace = namespace
}

/** Checks the name in the body of an update. */
export function matchName({ name }: RequestContext, metadata: ObjectMeta): void {
  const own = metadata.name ?? ''
  if (own === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (own !== name) {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`)
  }
}

/** Takes away what a creator may say and nobody hears. */
export function wipeSystemFields(metadata: ObjectMeta): void {
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
}

/** What every new object gets. */
export function stampCreation(core: ApiCore, resource: ServedResource, metadata: ObjectMeta): void {
  wipeSystemFields(metadata)
  metadata.uid = core.random.uuid()
  metadata.creationTimestamp = toTime(core.clock.now())
  if (countsGeneration(resource) !== false) metadata.generation = 1
  else delete metadata.generation
}

/** What an update cannot change and need not repeat. */
export function keepMetadata(draft: ObjectMeta, old: DeepReadonly<ObjectMeta>): void {
  if ((draft.uid ?? '') === '') keep(draft, old, 'uid')
  if (isUnset(draft.creationTimestamp)) keep(draft, old, 'creationTimestamp')
  if (isUnset(draft.deletionTimestamp)) keep(draft, old, 'deletionTimestamp')
  if (draft.deletionGracePeriodSeconds === undefined) keep(draft, old, 'deletionGracePeriodSeconds')
  delete draft.selfLink
  keep(draft, old, 'generation')
}

const isUnset = (time: string | null | undefined) => time === undefined || time === null || time === ''

function keep<
  K extends 'uid' | 'creationTimestamp' | 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'generation',
>(draft: ObjectMeta, old: DeepReadonly<ObjectMeta>, field: K): void {
  const value = (old as ObjectMeta)[field]
  if (value === undefined) delete draft[field]
  else draft[field] = value
}

const withSpec = new Map<string, boolean>()

/** Whether metadata.generation counts the changes of a resource, or only says that it was created. */
export function countsGeneration({ meaning, facts: { type } }: ServedResource): boolean | 'created' {
  if (meaning.countsGeneration !== undefined) return meaning.countsGeneration
  let has = withSpec.get(type)
  if (has === undefined) withSpec.set(type, (has = schemaOf(type)?.fields.has('spec') ?? false))
  return has
}

/** Adds one to the generation of an object that counts them. */
export function nextGeneration(draft: KubeObject): void {
  if ((draft.metadata.generation ?? 0) > 0) draft.metadata.generation = (draft.metadata.generation ?? 0) + 1
}
