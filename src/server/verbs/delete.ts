/**
 * delete: an object goes at once, after its grace period, or when its last finalizer is gone
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/,
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/).
 */

import { fromTime, toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { conflict, serverTimeout } from '../../meta/errors.ts'
import type { DeleteOptions, KubeObject, Status } from '../../meta/types.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { shownAs, storedResource } from '../registry/object-views.ts'
import { storageKey, type ServedResource } from '../registry/served-resource.ts'
import { StoredObject } from '../registry/stored-object.ts'
import { commitDelete, commitPut } from './commit.ts'
import { finalizersFor } from './delete-finalizers.ts'
import { checkDeleteOptions, warnOfDependents } from './delete-options.ts'
import { nextGeneration } from './metadata.ts'
import { missing } from './read.ts'

export type DeleteAnswer =
  /** The object is gone; some kinds answer with its last state. */
  | { readonly isGone: true; readonly status: Status; readonly last: StoredObject }
  /** It waits for its grace period or finalizers. */
  | { readonly isGone: false; readonly object: StoredObject }

export interface DeleteRules {
  /** One of many: the request that admission sees names none of them. */
  readonly isOfMany?: boolean
  /** Admission has let the request through already. */
  readonly isAdmitted?: boolean
}

/** Deletes the object that the request names, as far as that goes now. */
export async function deleteObject(
  core: ApiCore,
  context: RequestContext,
  options: DeleteOptions,
  rules: DeleteRules = {},
): Promise<DeleteAnswer> {
  checkDeleteOptions(options)
  const resource = storedResource(core.resources, context.resource)
  const stored = { ...context, resource }
  const attempt = () => deleteOnce(core, stored, options, { requested: context.resource, ...rules })
  const giveUp = () => serverTimeout({ group: resource.group, resource: resource.resource }, 'delete', 1)
  const key = () => storageKey(resource, context.namespace, context.name)
  const answer = await core.races.run(key, attempt, giveUp)
  if (answer.isGone) return { ...answer, last: shownAs(context.resource, answer.last) }
  return { isGone: false, object: shownAs(context.resource, answer.object) }
}

async function deleteOnce(
  core: ApiCore,
  context: RequestContext,
  options: DeleteOptions,
  { requested, isAdmitted = false, isOfMany = false }: DeleteRules & { readonly requested: ServedResource },
): Promise<DeleteAnswer | undefined> {
  const { resource, namespace, name, user, subresource, warn, annotate } = context
  if (!isOfMany) warnOfDependents(context, options)
  const current = core.caches.of(resource).get(namespace, name)
  if (current === undefined) throw missing({ resource: requested, name })
  checkPreconditions(context, options, current.object)
  const isDryRun = options.dryRun !== undefined && options.dryRun.length > 0
  const old = current.object
  if (!isAdmitted) {
    const about = { operation: 'DELETE', resource, requested, subresource, namespace } as const
    const admission: AdmissionRequest = {
      ...about,
      name: isOfMany ? '' : name,
      user,
      old,
      deleteOptions: options,
      isDryRun,
      warn,
      annotate,
    }
    await core.admission.mutate(admission)
    await core.admission.validate(admission)
  }

  const plan = planDeletion(core, context, options, current)
  if (plan.draft === undefined) {
    return plan.isNow ? remove(core, { ...context, requested }, current, isDryRun) : { isGone: false, object: current }
  }
  if (isDryRun) {
    const object = new StoredObject(plan.draft, current.revision)
    return plan.isNow ? gone(requested, object) : { isGone: false, object }
  }
  const written = await commitPut(core, { resource, namespace, name, basedOn: current.revision }, plan.draft)
  if (!(written instanceof StoredObject)) return undefined
  return plan.isNow ? remove(core, { ...context, requested }, written, false) : { isGone: false, object: written }
}

async function remove(
  core: ApiCore,
  context: RequestContext & { readonly requested: ServedResource },
  current: StoredObject,
  isDryRun: boolean,
): Promise<DeleteAnswer | undefined> {
  const { resource, requested, namespace, name } = context
  if (isDryRun) return gone(requested, current)
  const extra = core.hooks.get(resource.key)?.onDelete?.(current.object)
  const lost = await commitDelete(core, { resource, namespace, name, basedOn: current.revision, extra })
  return lost === undefined ? gone(requested, current) : undefined
}

function gone({ group, resource }: ServedResource, last: StoredObject): DeleteAnswer {
  const { name, object } = last
  const details = { name, ...(group === '' ? {} : { group }), kind: resource, uid: object.metadata.uid ?? '' }
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  return { isGone: true, status, last }
}

interface Deletion {
  /** The state that is written first; absent: nothing changes before the end. */
  readonly draft?: KubeObject
  /** Whether nothing keeps the object any longer. */
  readonly isNow: boolean
}

/** The grace period that a delete asks for: less than none is as little as there is. */
const graceOf = ({ gracePeriodSeconds: asked }: DeleteOptions): number | undefined =>
  asked !== undefined && asked < 0 ? 1 : asked

function planDeletion(
  core: ApiCore,
  { resource }: RequestContext,
  options: DeleteOptions,
  current: StoredObject,
): Deletion {
  const hook = core.hooks.get(resource.key)
  const old = current.object
  const { deletionTimestamp, deletionGracePeriodSeconds } = old.metadata
  const grace = resource.meaning.gracefulDelete
  const finalizers = finalizersFor(old, options, resource.meaning.defaultPropagation)
  const stays = hook?.staysWhileDeleting?.(old) === true
  const now = core.clock.now()
  const asked = graceOf(options)
  // Only its metadata changes; a hook puts what it changes in the place of what is there.
  const draft = { ...old, metadata: { ...old.metadata } } as KubeObject

  if (grace !== undefined && deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined) {
    if (asked === undefined || asked >= deletionGracePeriodSeconds) {
      // Already on its way: nobody can make it slower, and finalizers stay as they are.
      return { isNow: deletionGracePeriodSeconds === 0 && (old.metadata.finalizers ?? []).length === 0 }
    }
    const started = (fromTime(deletionTimestamp) ?? now) - 1_000 * deletionGracePeriodSeconds
    draft.metadata.deletionGracePeriodSeconds = asked
    draft.metadata.deletionTimestamp = toTime(started + 1_000 * asked)
    return withFinalizers(draft, finalizers, asked === 0)
  }
  if (grace !== undefined && deletionTimestamp === undefined) {
    const seconds = grace(old, asked)
    draft.metadata.deletionGracePeriodSeconds = seconds
    draft.metadata.deletionTimestamp = toTime(now + 1_000 * seconds)
    nextGeneration(draft)
    hook?.onDeletionBegin?.(draft)
    return withFinalizers(draft, finalizers, seconds === 0)
  }
  const kept = finalizers ?? old.metadata.finalizers ?? []
  if (kept.length === 0 && !stays) return { isNow: true }
  if (deletionTimestamp !== undefined && (finalizers === undefined || stays)) return { isNow: false }
  if (deletionTimestamp === undefined) {
    nextGeneration(draft)
    draft.metadata.deletionTimestamp = toTime(now)
    hook?.onDeletionBegin?.(draft)
  }
  if (!stays) draft.metadata.deletionGracePeriodSeconds = 0
  return withFinalizers(draft, finalizers, false)
}

function withFinalizers(draft: KubeObject, finalizers: readonly string[] | undefined, isNow: boolean): Deletion {
  if (finalizers !== undefined) {
    if (finalizers.length === 0) delete draft.metadata.finalizers
    else draft.metadata.finalizers = [...finalizers]
  }
  return { draft, isNow: isNow && (draft.metadata.finalizers ?? []).length === 0 }
}

/** Throws `Conflict` for an object that is not the one its deleter takes it for. */
export function checkPreconditions(
  context: RequestContext,
  { preconditions }: Pick<DeleteOptions, 'preconditions'>,
  { metadata: own }: DeepReadonly<KubeObject>,
): void {
  if (preconditions === undefined) return
  const { resource, name } = context
  // Kubernetes names the kind here, not the resource.
  const ref = { group: resource.group, resource: resource.kind, name }
  const { uid, resourceVersion } = preconditions
  if (uid !== undefined && uid !== own.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${own.uid ?? ''}). The object might have been deleted and then recreated`
    throw conflict(ref, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== own.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${own.resourceVersion ?? ''}). The object might have been modified`
    throw conflict(ref, why)
  }
}
