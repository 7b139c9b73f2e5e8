/**
 * Which objects a controller manages: those that carry its owner reference as controller and match its selector. It
 * adopts matching orphans and releases its own that match no longer
 * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions).
 */

import type { Client, ObjectKey } from '../../client/client.ts'
import { apiVersionOf, type ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Selector } from '../../meta/label-selector.ts'
import type { KubeObject, OwnerReference } from '../../meta/types.ts'
import { allAtOnce } from './replicas/slow-start.ts'

export type ReadObject = DeepReadonly<KubeObject>

/** `namespace/name`, or the name of a cluster-scoped object. */
export function keyOf({ metadata: { namespace, name = '' } }: ReadObject): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** Where a client finds the object. */
export function placeOf({ metadata: { namespace, name = '' } }: ReadObject): ObjectKey {
  return namespace === undefined || namespace === '' ? { name } : { namespace, name }
}

export const uidOf = (object: ReadObject): string => object.metadata.uid ?? ''
export const nameOf = (object: ReadObject): string => object.metadata.name ?? ''
export const isDeleting = (object: ReadObject): boolean => object.metadata.deletionTimestamp !== undefined

/** The reference of the object's managing controller. */
export function controllerOf(object: ReadObject): DeepReadonly<OwnerReference> | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}

/** A reference that makes `owner` the managing controller. */
export function controllerReference(owner: ReadObject, ref: ResourceRef<KubeObject>): OwnerReference {
  return {
    apiVersion: apiVersionOf(ref),
    kind: ref.kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Whether the reference names an object of the resource's kind, whatever the version. */
export function pointsAt(reference: DeepReadonly<OwnerReference>, ref: ResourceRef<KubeObject>): boolean {
  const [group, version] = reference.apiVersion.split('/')
  return reference.kind === ref.kind && (version === undefined ? '' : group) === ref.group
}

/** What to do with the candidates: all decided from the cache. */
export interface ClaimPlan<T> {
  readonly keep: readonly T[]
  readonly adopt: readonly T[]
  readonly release: readonly T[]
}

/** Sorts candidates into kept, to be adopted, to be released; the rest belongs to others. */
function planClaim<T extends ReadObject>(
  owner: ReadObject,
  selector: Selector,
  candidates: readonly T[],
): ClaimPlan<T> {
  const keep: T[] = []
  const adopt: T[] = []
  const release: T[] = []
  for (const candidate of candidates) {
    if (candidate.metadata.namespace !== owner.metadata.namespace) continue
    const controller = controllerOf(candidate)
    const matches = selector.matches(candidate.metadata.labels)
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue
      if (matches) keep.push(candidate)
      else if (!isDeleting(owner)) release.push(candidate)
    } else if (matches && !isDeleting(owner) && !isDeleting(candidate)) {
      adopt.push(candidate)
    }
  }
  return { keep, adopt, release }
}

/** Who claims what. */
export interface Claim {
  readonly client: Client
  readonly owner: ReadObject
  readonly ownerRef: ResourceRef<KubeObject>
  readonly ref: ResourceRef<KubeObject>
  readonly selector: Selector
  /** Finalizers that an adopted object must carry. */
  readonly finalizers?: readonly string[]
}

/** Adopts and releases as planned; returns what the owner manages now. Throws after everything was tried. */
export async function claim<T extends ReadObject>(
  { client, owner, ownerRef, ref, selector, finalizers }: Claim,
  candidates: readonly T[],
  signal: AbortSignal,
): Promise<readonly T[]> {
  const plan = planClaim(owner, selector, candidates)
  const adopted: T[] = []
  if (plan.adopt.length > 0) await assertMayAdopt(client, owner, ownerRef, signal)
  const reference = controllerReference(owner, ownerRef)
  await allAtOnce(plan.adopt, async (orphan) => {
    const metadata = {
      uid: uidOf(orphan),
      ownerReferences: [reference],
      ...(finalizers === undefined ? {} : { finalizers }),
    }
    if (await patched(client, ref, orphan, { metadata }, signal)) adopted.push(orphan)
  })
  await allAtOnce(plan.release, async (object) => {
    const metadata = {
      uid: uidOf(object),
      ownerReferences: [{ $patch: 'delete', uid: uidOf(owner) }],
      ...(finalizers === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': finalizers }),
    }
    await patched(client, ref, object, { metadata }, signal)
  })
  return [...plan.keep, ...adopted]
}

/** Looks at the server, not at the cache: an owner that was deleted or replaced adopts nothing. */
async function assertMayAdopt(
  client: Client,
  owner: ReadObject,
  ref: ResourceRef<KubeObject>,
  signal: AbortSignal,
): Promise<void> {
  const live = await client.get(ref, placeOf(owner), signal)
  const name = keyOf(owner)
  if (uidOf(live) !== uidOf(owner)) {
    throw new Error(`original ${ref.kind} ${name} is gone: got uid ${uidOf(live)}, wanted ${uidOf(owner)}`)
  }
  if (isDeleting(live)) throw new Error(`${name} has just been deleted at ${live.metadata.deletionTimestamp}`)
}

/** False when the object is gone, or is another one of the same name. */
async function patched(
  client: Client,
  ref: ResourceRef<KubeObject>,
  object: ReadObject,
  body: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.patch(ref, placeOf(object), 'strategic', body, undefined, signal)
    return true
  } catch (error) {
    if (hasReason(error, 'NotFound') || hasReason(error, 'Invalid')) return false
    throw error
  }
}
