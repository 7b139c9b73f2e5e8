/** create (https://kubernetes.io/docs/reference/using-api/api-concepts/#generated-values). */

import { atOnce, inSteps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { nameSuffix } from '../../base/random.ts'
import type { WriteOptions } from '../../client/transport.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import { alreadyExists, ApiError } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { asStored, shownAs, storedResource } from '../registry/object-views.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { type StoredObject, StoredObject as Stored } from '../registry/stored-object.ts'
import { joinWrites } from '../registry/storage-hooks.ts'
import { commitClaimed, etcdKey } from './commit.ts'
import { trackInSteps } from './field-owner.ts'
import { dropRepeatedOwners, matchRequest, stampCreation, wipeSystemFields } from './metadata.ts'
import { fitsInSteps, writeAhead } from './prepare-large.ts'
import { tooLargeToStore } from './stored-size.ts'
import { judgeAhead, validateNew } from './validate.ts'

/** A generated name that is taken is tried again so many times. */
const NAME_TRIES = 8
const MAX_GENERATED_PREFIX = 58

export interface CreateRules {
  /** Fields' owners are noted already. */
  readonly isTracked?: boolean
}

/** Creates the object `body` describes, which is the verb's to keep, and answers what was stored. */
export async function createObject(
  core: ApiCore,
  context: RequestContext,
  body: KubeObject,
  options: WriteOptions = {},
  { isTracked = false }: CreateRules = {},
): Promise<StoredObject> {
  const { resource } = context
  matchRequest(context, body.metadata)
  // What is no number is no revision.
  const hasRevision = /^0*[1-9]\d*$/.test(body.metadata.resourceVersion ?? '')
  const target = storedResource(core.resources, resource)
  if (context.isLarge === true) await nextTurn()
  resource.meaning.setDefaults?.(body, core.clock.now())
  // Whoever only tries an apply is shown the link that was applied.
  const link = isTracked && options.dryRun === true ? body.metadata.selfLink : undefined
  wipeSystemFields(body.metadata)
  dropRepeatedOwners(context, body.metadata)
  if (context.isLarge === true) await nextTurn()
  // What admission adds, such as a Pod's token, is nobody's own.
  if (!isTracked) {
    const tracking = trackInSteps(core, context, { draft: body, old: undefined, options })
    if (context.isLarge === true) await inSteps(tracking, nextTurn)
    else atOnce(tracking)
  }
  if (context.isLarge === true) await nextTurn()
  const draft = asStored(resource, body)
  const ofStored = target === resource ? context : { ...context, resource: target }
  // Only what gets a generated name is tried again.
  const last = (draft.metadata.name ?? '') === '' ? NAME_TRIES : 1
  for (let tries = 1; ; tries++) {
    const attempt = tries === last ? draft : anotherOf(draft)
    // oxlint-disable-next-line no-await-in-loop -- each try follows a failure
    const made = await createOnce(core, ofStored, attempt, { requested: resource, hasRevision, options, link })
    if (made instanceof Stored) return shownAs(resource, made)
    if (made.isFinal || tries === last) throw made.error
  }
}

interface TryOptions {
  readonly options: WriteOptions
  readonly requested: ServedResource
  /** The object says which revision it has: that is said only when nothing else is wrong with it. */
  readonly hasRevision: boolean
  /** The `selfLink` that is shown all the same. */
  readonly link: string | undefined
}

/** A copy that can be changed apart. Who owns which field nobody changes: all copies share that. */
function anotherOf({ metadata, ...rest }: KubeObject): KubeObject {
  const { managedFields, ...own } = metadata
  const copy = draftOf<KubeObject>({ ...rest, metadata: own })
  if (managedFields !== undefined) copy.metadata.managedFields = managedFields
  return copy
}

interface Refusal {
  readonly error: ApiError
  readonly isFinal: boolean
}

async function createOnce(
  core: ApiCore,
  context: RequestContext,
  draft: KubeObject,
  { requested, hasRevision, options, link }: TryOptions,
): Promise<StoredObject | Refusal> {
  const { resource, namespace } = context
  const { metadata } = draft
  const isDryRun = options.dryRun === true
  const giveWay = context.isLarge === true ? nextTurn : undefined
  await core.admission.mutate(admissionOf(context, draft, requested, options))
  matchRequest(context, metadata) // a policy may have changed it
  const isGenerated = (metadata.name ?? '') === '' && (metadata.generateName ?? '') !== ''
  if (isGenerated) {
    metadata.name = metadata.generateName!.slice(0, MAX_GENERATED_PREFIX) + nameSuffix(core.random)
  }
  stampCreation(core, resource, metadata)
  if (link !== undefined) metadata.selfLink = link
  resource.meaning.dropDisabledFields?.(draft)
  for (const text of resource.meaning.earlyWarnings?.(draft) ?? []) context.warn(text)
  resource.meaning.prepareForCreate?.(draft)
  const hook = core.hooks.get(resource.key)
  await giveWay?.()
  hook?.check?.(draft, undefined, isDryRun)
  validateNew(resource, draft, giveWay && (await judgeAhead(resource, draft, giveWay)))
  await giveWay?.()
  for (const text of resource.meaning.warnings?.(draft) ?? []) context.warn(text)
  const admitted = admissionOf(context, draft, requested, options)
  await core.admission.validate(admitted)
  await giveWay?.()
  // What is written in another version gets the defaults of the stored one when it is read: after it was judged.
  if (requested !== resource) resource.meaning.setDefaults?.(draft, core.clock.now())
  resource.meaning.beforeStore?.(draft)
  if (hasRevision && !isDryRun) {
    throw new ApiError({ message: 'resourceVersion should not be set on objects to be created', code: 500 })
  }
  const name = metadata.name ?? ''
  const inTheWay = () => core.caches.of(resource).get(namespace, name)
  const taken = () => ({ error: nameTaken(requested, name, isGenerated, inTheWay()), isFinal: !isGenerated })
  if (inTheWay() !== undefined) return taken()
  const claim = () => joinWrites([hook?.onCreate?.(draft, isDryRun), core.admission.claim(admitted)])
  if (giveWay !== undefined) await writeAhead(draft, giveWay, hook !== undefined)
  const isJudged = giveWay !== undefined && !isDryRun
  if (isJudged && !(await fitsInSteps(draft, etcdKey({ resource, namespace, name }), giveWay))) {
    claim()
    throw tooLargeToStore()
  }
  if (isDryRun) {
    claim()
    return new Stored(draft, core.caches.revision)
  }
  const made = await commitClaimed(core, { resource, namespace, name, basedOn: 0, isJudged }, draft, claim)
  return made === 'changed' ? taken() : made
}

/** What admission is told of a create. */
function admissionOf(
  { resource, subresource, namespace, name: pathName, user, warn, annotate }: RequestContext,
  object: KubeObject,
  requested: ServedResource,
  options: WriteOptions,
): AdmissionRequest {
  return {
    operation: 'CREATE',
    resource,
    requested,
    subresource,
    namespace,
    name: object.metadata.name ?? '',
    pathName,
    user,
    object,
    options,
    isDryRun: options.dryRun === true,
    warn,
    annotate,
  }
}

function nameTaken(
  { group, resource }: ServedResource,
  name: string,
  isGenerated: boolean,
  by: StoredObject | undefined,
): ApiError {
  const taken = alreadyExists({ group, resource, name })
  if (!isGenerated) {
    if (by?.object.metadata.deletionTimestamp === undefined) return taken
    return new ApiError({ ...taken.status, message: `object is being deleted: ${taken.message}` })
  }
  const message = `${taken.message}, the server was not able to generate a unique name for the object`
  return new ApiError({ ...taken.status, message, details: { ...taken.status.details, retryAfterSeconds: 1 } })
}
