/** update, and what patch and the subresources share with it (https://kubernetes.io/docs/reference/using-api/api-concepts/). */

import type { MetadataOfUsers } from '../../api/resource.ts'
import { atOnce, inSteps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import type { WriteOptions } from '../../client/transport.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { conflict, invalid, OBJECT_MODIFIED } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { copyAsGiven, hasLeftOut } from '../../wire/json/nil.ts'
import { deepEqual, invalidValue } from '../../meta/validation.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import type { AdmissionRequest, ObjectLens } from '../admission/admission.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { asStored, shownAs, storedResource } from '../registry/object-views.ts'
import { joinWrites } from '../registry/storage-hooks.ts'
import { StoredObject } from '../registry/stored-object.ts'
import { commitClaimed, commitDelete, etcdKey } from './commit.ts'
import { createObject } from './create.ts'
import { trackInSteps } from './field-owner.ts'
import { type GiveWay, isLarge } from './give-way.ts'
import { storageKey, type ServedResource } from '../registry/served-resource.ts'
import {
  countsGeneration,
  dropRepeatedOwners,
  keepMetadata,
  matchName,
  matchRequest,
  nextGeneration,
  wrongUid,
} from './metadata.ts'
import { fitsInSteps, refuseGrowth, writeAhead } from './prepare-large.ts'
import { missing } from './read.ts'
import { tooLargeToStore } from './stored-size.ts'
import { judgeAhead, validateChange, validateStatusChange } from './validate.ts'

export interface UpdateAnswer {
  readonly object: StoredObject
  readonly isCreated: boolean
}

/** How a subresource differs from the object itself. */
export interface UpdateRules {
  /** Keeps as it was what the caller may not touch here. */
  readonly prepare: (draft: KubeObject, old: DeepReadonly<KubeObject>) => void
  /** `ahead`: faults of the object itself that are found already. */
  readonly validate: (draft: KubeObject, old: DeepReadonly<KubeObject>, ahead?: readonly FieldError[]) => void
  readonly countsGeneration?: boolean
}

/** A new state for an object; `old` is shown in the request's version. Where `giveWay` is given, it is to be done in steps. */
export type MakeDraft = (
  old: DeepReadonly<KubeObject>,
  giveWay: GiveWay | undefined,
) => KubeObject | Promise<KubeObject>

export interface UpdateRequest {
  readonly makeDraft: MakeDraft
  readonly options: WriteOptions
  readonly rules?: UpdateRules | undefined
  /** Fields' owners are noted already. */
  readonly isTracked?: boolean
  /** A whole object is put in the place of another: some kinds want to know in the place of which. A patch says so itself. */
  readonly isReplacement?: boolean
  readonly isPatch?: boolean | undefined
  /** How admission sees the objects, where that is not as they are. */
  readonly lens?: ObjectLens | undefined
  /** Admission has let the request through already. */
  readonly isAdmitted?: boolean
}

/** Puts `body` in the place of the object that the request names. */
export async function replaceObject(
  core: ApiCore,
  context: RequestContext,
  body: KubeObject,
  options: WriteOptions = {},
): Promise<UpdateAnswer> {
  matchName(context, body.metadata)
  matchRequest(context, body.metadata)
  const { resource, namespace, name, subresource } = context
  const current = core.caches.of(resource).get(namespace, name)
  if (current === undefined) {
    // A Service's status is no exception; of the others that may be created so none has one.
    const mayCreate = resource.meaning.allowCreateOnUpdate === true && (subresource === '' || subresource === 'status')
    if (!mayCreate) throw missing(context)
    const isDryRun = options.dryRun === true
    if ((body.metadata.uid ?? '') !== '') throw wrongUid(context, body.metadata.uid!, { isDryRun })
    if (!isDryRun) delete body.metadata.resourceVersion
    return { object: await createObject(core, context, body, options), isCreated: true }
  }
  const rules = subresource === 'status' ? statusRules(core, context) : undefined
  const makeDraft = () => copyAsGiven(body)
  return changeObject(core, context, {
    makeDraft,
    options,
    rules,
    isReplacement: true,
  })
}

/**
 * Changes the object that the request names; a draft equal to what is there is not written. A draft that names no
 * resourceVersion is made again from what others wrote meanwhile.
 */
export async function changeObject(
  core: ApiCore,
  context: RequestContext,
  request: UpdateRequest,
): Promise<UpdateAnswer> {
  const { resource, namespace, name } = context
  const attempt = async () => {
    const current = core.caches.of(resource).get(namespace, name)
    if (current === undefined) throw missing(context)
    const outcome = await changeOnce(core, context, request, current)
    if (outcome instanceof StoredObject) return outcome
    if (outcome.isFixed) throw modified(context)
    return undefined
  }
  const key = () => storageKey(resource, namespace, name)
  const written = await core.races.run(key, attempt, () => modified(context))
  return { object: shownAs(resource, written), isCreated: false }
}

async function changeOnce(
  core: ApiCore,
  context: RequestContext,
  request: UpdateRequest,
  current: StoredObject,
): Promise<StoredObject | { readonly isFixed: boolean }> {
  const { resource } = context
  const target = storedResource(core.resources, resource)
  const shown = shownAs(resource, current)
  const giveWay = context.isLarge === true || isLarge(current.weight) ? nextTurn : undefined
  await giveWay?.()
  const versioned = await request.makeDraft(shown.object, giveWay)
  await giveWay?.()
  if (giveWay !== undefined) {
    refuseGrowth(versioned, shown.object)
    await giveWay()
  }
  matchRequest(context, versioned.metadata)
  dropRepeatedOwners(context, versioned.metadata)
  const isFixed = checkPreconditions(context, versioned, current, request)
  resource.meaning.setDefaults?.(versioned, core.clock.now())
  await giveWay?.()
  // Of what the caller sent, whether or not it may change that: what is kept as it was, it gave up.
  if (request.isTracked !== true) {
    const tracking = trackInSteps(core, context, { draft: versioned, old: shown.object, options: request.options })
    if (giveWay === undefined) atOnce(tracking)
    else await inSteps(tracking, giveWay)
  }
  const draft = asStored(resource, versioned)
  draft.metadata.resourceVersion = String(current.revision)
  const isDryRun = request.options.dryRun === true
  keepMetadata(draft.metadata, current.object.metadata, isDryRun)

  const stored = target === resource ? context : { ...context, resource: target }
  const { isAdmitted = false } = request
  const admission = updateAdmission(stored, draft, current, { request, requested: resource })
  if (!isAdmitted) {
    await core.admission.mutate(admission)
    matchRequest(stored, draft.metadata) // a policy may have changed it
  }
  await giveWay?.()
  const rules = request.rules ?? objectRules(stored)
  const counts = rules.countsGeneration !== false && countsGeneration(target) === true
  const isNew = counts && target.meaning.countsLabelsAndDropped === true && hasNewContent(draft, current.object, target)
  target.meaning.dropDisabledFields?.(draft, current.object)
  rules.prepare(draft, current.object)
  if (isNew || (counts && hasNewContent(draft, current.object, target))) nextGeneration(draft)
  await giveWay?.()
  if (request.rules === undefined) core.hooks.get(target.key)?.check?.(draft, current.object, isDryRun)
  const ahead = giveWay && request.rules === undefined ? await judgeAhead(target, draft, giveWay) : undefined
  rules.validate(draft, current.object, ahead)
  await giveWay?.()
  // What a status leaves as it was has its defaults.
  if (target !== resource && request.rules === undefined) target.meaning.setDefaults?.(draft, core.clock.now())
  const { warnings, statusWarnings } = target.meaning
  const warned = context.subresource === 'status' ? statusWarnings?.(draft) : warnings?.(draft, current.object)
  for (const text of warned ?? []) context.warn(text)
  if (!isAdmitted) await core.admission.validate(admission)
  await giveWay?.()
  target.meaning.beforeStore?.(draft)
  if (request.isTracked === true) keepOwnersTimes(draft, current.object)
  return write(core, { context: stored, draft, current, admission, isDryRun, isFixed, giveWay })
}

interface PreparedWrite {
  readonly context: RequestContext
  readonly draft: KubeObject
  readonly current: StoredObject
  readonly admission: AdmissionRequest
  readonly isDryRun: boolean
  readonly isFixed: boolean
  readonly giveWay: GiveWay | undefined
}

async function write(
  core: ApiCore,
  { context, draft, current, admission, isDryRun, isFixed, giveWay }: PreparedWrite,
): Promise<StoredObject | { readonly isFixed: boolean }> {
  const { resource, namespace, name } = context
  const hook = core.hooks.get(resource.key)
  if (isReadyToGo(draft) && hook?.staysWhileDeleting?.(draft) !== true) {
    if (isDryRun) return new StoredObject(draft, current.revision)
    const extra = hook?.onDelete?.(current.object)
    const lost = await commitDelete(core, { resource, namespace, name, basedOn: current.revision, extra })
    // Somebody else may have let it go meanwhile: what is asked for is done.
    const isGone = lost === undefined || core.caches.of(resource).get(namespace, name) === undefined
    return isGone ? new StoredObject(draft, current.revision) : { isFixed }
  }
  if (isSame(draft, current.object)) return current
  const claim = () => joinWrites([hook?.onUpdate?.(draft, current.object, isDryRun), core.admission.claim(admission)])
  if (giveWay !== undefined) await writeAhead(draft, giveWay, hook !== undefined)
  const isJudged = giveWay !== undefined && !isDryRun
  if (isJudged && !(await fitsInSteps(draft, etcdKey({ resource, namespace, name }), giveWay))) {
    claim()
    throw tooLargeToStore()
  }
  if (isDryRun) {
    claim()
    return new StoredObject(draft, current.revision)
  }
  const target = { resource, namespace, name, basedOn: current.revision, isJudged }
  const made = await commitClaimed(core, target, draft, claim)
  return made === 'changed' ? { isFixed } : made
}

/** Whether nothing keeps a deleted object any longer. */
function isReadyToGo({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = metadata
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0
}

/** Compares what the draft takes for granted with what is there. Answers whether it names its resourceVersion. */
function checkPreconditions(
  context: RequestContext,
  draft: KubeObject,
  current: StoredObject,
  { isReplacement = false, options }: UpdateRequest,
): boolean {
  const { resource, name } = context
  const { group } = resource
  const { uid = '', resourceVersion = '' } = draft.metadata
  const own = current.object.metadata.uid ?? ''
  // A patch that changes it is told by validation that it may not.
  if (isReplacement && uid !== '' && uid !== own) {
    throw wrongUid(context, uid, { found: own, isDryRun: options.dryRun === true })
  }
  if (resourceVersion === '' || resourceVersion === '0') {
    if (!isReplacement || resource.meaning.allowUnconditionalUpdate !== false) return false
    const fault = invalidValue(fieldPath('metadata', 'resourceVersion'), '', 'must be specified for an update')
    // Kubernetes names the resource here, not the kind.
    throw invalid({ group, kind: resource.resource, name }, [
      { ...fault, message: 'Invalid value: 0: must be specified for an update' },
    ])
  }
  if (resourceVersion !== String(current.revision)) throw modified(context)
  return true
}

function modified({ resource: { group, resource }, name }: RequestContext) {
  return conflict({ group, resource, name }, OBJECT_MODIFIED)
}

function updateAdmission(
  context: RequestContext,
  object: KubeObject,
  current: StoredObject,
  { request: { options, lens, isPatch }, requested }: { request: UpdateRequest; requested: ServedResource },
): AdmissionRequest {
  const { resource, subresource, namespace, name, user, warn, annotate } = context
  return {
    operation: 'UPDATE',
    resource,
    requested,
    subresource,
    namespace,
    name,
    user,
    object,
    old: current.object,
    options,
    lens,
    isDryRun: options.dryRun === true,
    isPatch,
    warn,
    annotate,
  }
}

/** The rules of an update of the object itself. */
function objectRules({ resource }: RequestContext): UpdateRules {
  return {
    prepare: (draft, old) => resource.meaning.prepareForUpdate?.(draft, old),
    validate: (draft, old, ahead) => validateChange(resource, draft, old, ahead),
  }
}

/** The rules of the status subresource: everything but the status, and most of the metadata, stays as it was. */
export function statusRules(core: ApiCore, context: RequestContext): UpdateRules {
  const resource = storedResource(core.resources, context.resource)
  return {
    prepare(draft, old) {
      const { prepareForStatusUpdate, keptByStatus = [] } = resource.meaning
      if (prepareForStatusUpdate === undefined) keepContent(draft, old)
      else prepareForStatusUpdate(draft, old, core.clock.now())
      keepMetadataFields(draft, old, keptByStatus)
    },
    validate: (draft, old) => validateStatusChange(resource, draft, old),
    countsGeneration: false,
  }
}

function keepContent(draft: KubeObject, old: DeepReadonly<KubeObject>): void {
  const kept = old as unknown as Readonly<Record<string, unknown>> // shared: a status update ends here
  const target = draft as unknown as Record<string, unknown>
  for (const key of Object.keys(target)) if (key !== 'metadata' && key !== 'status') delete target[key]
  for (const [key, value] of Object.entries(kept)) if (key !== 'metadata' && key !== 'status') target[key] = value
}

const OF_USERS: readonly MetadataOfUsers[] = ['labels', 'annotations', 'finalizers', 'ownerReferences']

function keepMetadataFields(
  { metadata }: KubeObject,
  old: DeepReadonly<KubeObject>,
  kept: 'metadata' | readonly MetadataOfUsers[],
): void {
  for (const field of kept === 'metadata' ? OF_USERS : kept) {
    const before = old.metadata[field]
    if (before === undefined) delete metadata[field]
    else Object.assign(metadata, { [field]: structuredClone(before) })
  }
}

/** Whether anything but metadata and status differs. */
function hasNewContent(draft: KubeObject, old: DeepReadonly<KubeObject>, { meaning }: ServedResource): boolean {
  const { annotations, labels } = old.metadata
  if (meaning.countsLabelsAndDropped === true && !deepEqual(draft.metadata.labels ?? {}, labels ?? {})) return true
  if (meaning.countsAnnotations === true && !deepEqual(draft.metadata.annotations ?? {}, annotations ?? {})) return true
  if (meaning.countsLeftOut === true && hasLeftOut((draft as { spec?: unknown }).spec)) return true
  const { metadata: _, status: __, ...mine } = draft as KubeObject & { status?: unknown }
  const { metadata: ___, status: ____, ...theirs } = old as DeepReadonly<KubeObject> & { readonly status?: unknown }
  return !deepEqual(mine, theirs)
}

/** When all that an apply changes are times of owners, they stay as they were: then nothing is to be written. */
function keepOwnersTimes(draft: KubeObject, old: DeepReadonly<KubeObject>): void {
  const mine = draft.metadata.managedFields ?? []
  const theirs = (old as KubeObject).metadata.managedFields ?? []
  if (mine.length !== theirs.length || mine.every(({ time }, at) => time === theirs[at]!.time)) return
  const untimed = theirs.map((entry, at) => ({ ...mine[at], time: entry.time }))
  if (!deepEqual(untimed, theirs)) return
  if (deepEqual({ ...draft, metadata: { ...draft.metadata, managedFields: theirs } }, old)) {
    draft.metadata.managedFields = theirs
  }
}

function isSame(draft: KubeObject, old: DeepReadonly<KubeObject>): boolean {
  return deepEqual(draft, old)
}
