/** The metadata that the server writes, and what a write may say of it. */

import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { badRequest, conflict } from '../../meta/errors.ts'
import type { KubeObject, ObjectMeta } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { schemaOf } from '../../api/schemas.ts'

/** What a deleted object's dependents wait for, or are spared by. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion'
export const ORPHAN_FINALIZER = 'orphan'

/** Checks that the body is about what the URL names, and fills in the namespace, or takes away what means nothing. */
export function matchRequest({ resource, namespace }: RequestContext, metadata: ObjectMeta): void {
  if (!resource.namespaced) {
    delete metadata.namespace
    return
  }
  matchNamespace(namespace, metadata)
  metadata.namespace = namespace
}

/** Refuses a body that is about another namespace than the URL. */
export function matchNamespace(namespace: string, { namespace: own = '' }: Pick<ObjectMeta, 'namespace'>): void {
  if (own === '' || own === namespace) return
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
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

/** The storage's refusal to change what is another object than its writer takes it for, or none. */
export function wrongUid(
  { resource, namespace, name }: Pick<RequestContext, 'resource' | 'namespace' | 'name'>,
  wanted: string,
  { found = '', isDryRun = false }: { readonly found?: string | undefined; readonly isDryRun?: boolean } = {},
): Error {
  const place = STORED_AS[resource.resource] ?? resource.resource
  // What is only tried out does not come as far as the storage's own root.
  const key = [isDryRun ? '' : '/registry', place, ...(namespace === '' ? [] : [namespace]), name].join('/')
  const why = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`
  const told = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
  return conflict({ group: resource.group, resource: resource.resource, name }, told)
}

/** Resources that Kubernetes keeps under another name than their own. */
const STORED_AS: Readonly<Record<string, string>> = {
  services: 'services/specs',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  ingresses: 'ingress',
  apiservices: 'apiregistration.k8s.io/apiservices',
}

/** Keeps of owners that are named twice one, and warns of it. */
export function dropRepeatedOwners({ warn }: RequestContext, metadata: ObjectMeta): void {
  const { ownerReferences = [] } = metadata
  if (ownerReferences.length < 2) return
  const known = new Set<string>()
  const repeated = new Set<string>()
  metadata.ownerReferences = ownerReferences.filter((owner) => {
    const { apiVersion, kind, name, uid, controller = null, blockOwnerDeletion = null } = owner
    const text = JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion])
    const isNew = !known.has(text)
    if (isNew) known.add(text)
    else repeated.add(uid)
    return isNew
  })
  if (repeated.size > 0) warn(REPEATED_OWNERS + [...repeated].join(', '))
}

const REPEATED_OWNERS =
  '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: '

/** Takes away what a creator may say and nobody hears. */
export function wipeSystemFields(metadata: ObjectMeta): void {
  // Deleting what is not there costs a hundred times what looking for it does.
  if (metadata.deletionTimestamp !== undefined) delete metadata.deletionTimestamp
  if (metadata.deletionGracePeriodSeconds !== undefined) delete metadata.deletionGracePeriodSeconds
  if (metadata.selfLink !== undefined) delete metadata.selfLink
}

/** What every new object gets. */
export function stampCreation(core: ApiCore, resource: ServedResource, metadata: ObjectMeta): void {
  wipeSystemFields(metadata)
  metadata.uid = core.random.uuid()
  metadata.creationTimestamp = toTime(core.clock.now())
  // Where nothing is counted, it is what its creator says.
  if (countsGeneration(resource) !== false) metadata.generation = 1
}

/** What an update cannot change and need not repeat. */
export function keepMetadata(draft: ObjectMeta, old: DeepReadonly<ObjectMeta>, isDryRun: boolean): void {
  if ((draft.uid ?? '') === '') keep(draft, old, 'uid')
  keep(draft, old, 'creationTimestamp')
  // Whatever the update says, once there is one.
  if (isUnset(draft.deletionTimestamp) || old.deletionTimestamp !== undefined) keep(draft, old, 'deletionTimestamp')
  if (draft.deletionGracePeriodSeconds === undefined) keep(draft, old, 'deletionGracePeriodSeconds')
  // It is the storage that forgets it.
  if (!isDryRun) delete draft.selfLink
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
