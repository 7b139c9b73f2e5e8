/** patch, in its four forms (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply). */

import { schemaOf } from '../../api/schemas.ts'
import { atOnce, inSteps, type Steps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import type { PatchType, WriteOptions } from '../../client/transport.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { ApiError, badRequest, conflict, tooLarge } from '../../meta/errors.ts'
import { uintFault } from '../../meta/go-integers.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/types.ts'
import { repeatedMessage, strictFaults } from '../../wire/decode/texts.ts'
import { cannotRead, PatchError } from '../../wire/patch/errors.ts'
import { jsonPatchInSteps } from '../../wire/patch/json-patch.ts'
import { applyMergePatch } from '../../wire/patch/merge-patch.ts'
import { applyStrategicPatch } from '../../wire/patch/strategic.ts'
import type { ObjectLens } from '../admission/admission.ts'
import { type BodyOptions, type BodyType, decodeBody } from '../codec.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { type ApplyWrite, applyConfiguration, typedPatchFault } from '../fieldmanager/field-manager.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { asWritten } from '../registry/stored-object.ts'
import { createObject } from './create.ts'
import { fieldWrite, objectTypeOf } from './field-owner.ts'
import type { GiveWay } from './give-way.ts'
import { matchName } from './metadata.ts'
import { missing } from './read.ts'
import { undecodablePatch, unreadableApply } from './undecodable-patch.ts'
import { changeObject, type MakeDraft, type UpdateAnswer, type UpdateRules } from './update.ts'

export interface PatchRequest {
  readonly type: PatchType
  readonly body: unknown
  readonly options: WriteOptions
  /** How the body was read, for field validation. */
  readonly source?: Pick<BodyOptions, 'duplicates' | 'repeated' | 'bytes' | 'fractions'>
  readonly rules?: UpdateRules
  /** How admission sees the objects, where that is not as they are. */
  readonly lens?: ObjectLens
}

/** Patches the object that the request names. */
export async function patchObject(core: ApiCore, context: RequestContext, patch: PatchRequest): Promise<UpdateAnswer> {
  const { type, options, rules, lens } = patch
  checkPatchOptions(patch)
  if (type !== 'apply') {
    const makeDraft: MakeDraft = (old, giveWay) =>
      giveWay === undefined ? patched(context, patch, old) : inSteps(patchedInSteps(context, patch, old), giveWay)
    return changeObject(core, context, { makeDraft, options, rules, isPatch: true, lens })
  }
  const { resource, namespace, name } = context
  const isThere = () => core.caches.of(resource).get(namespace, name) !== undefined
  if (!mayCreate(context) && !isThere()) throw missing(context)
  const { applied, unreadable } = await readApplied(context, patch)
  if (mayCreate(context) && !isThere()) {
    try {
      return { object: await createApplied(core, context, { applied, unreadable, options }), isCreated: true }
    } catch (error) {
      // Somebody else created it in between: then there is something to apply to.
      if (!(error instanceof ApiError) || error.status.reason !== 'AlreadyExists') throw error
    }
  }
  const makeDraft: MakeDraft = (old, giveWay) =>
    applyTo(core, context, { applied, unreadable, options, old, patch, giveWay })
  return changeObject(core, context, { makeDraft, options, rules, isTracked: true, isPatch: true, lens })
}

/** Whether an apply creates what is not there: the object itself, and of few kinds its status, too. */
function mayCreate({ subresource, resource: { meaning } }: RequestContext): boolean {
  const byStatus = meaning.allowCreateOnUpdate === true || meaning.allowCreateByStatus === true
  return subresource === '' || (subresource === 'status' && byStatus)
}

/** Whether these options belong to a patch of this type. */
export function checkPatchOptions({ type, options }: PatchRequest): void {
  if (type !== 'apply' && options.force !== undefined) {
    throw invalidPatchOptions('force', 'FieldValueForbidden', 'Forbidden: may not be specified for non-apply patch')
  }
  if (type === 'apply' && (options.fieldManager ?? '') === '') {
    throw invalidPatchOptions('fieldManager', 'FieldValueRequired', 'Required value: is required for apply patch')
  }
}

/** An applied configuration as its client wrote it, of which every field is known. */
export interface Configuration {
  readonly applied: KubeObject
  /** Why no object can be made of it. That is told once it is in conflict with nobody. */
  readonly unreadable?: ApiError | undefined
}

interface Applying extends Configuration {
  readonly options: WriteOptions
}

async function createApplied(core: ApiCore, context: RequestContext, { applied, unreadable, options }: Applying) {
  matchName(context, applied.metadata) // what is there already has one
  const { uid = '', resourceVersion = '' } = applied.metadata
  if ((uid ?? '') !== '') {
    const { group, resource } = context.resource
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict({ group, resource, name: context.name }, why)
  }
  const fault = uintFault(resourceVersion ?? '0')
  // Where Kubernetes answers with 500: what a client got wrong is no fault of the server.
  if ((resourceVersion ?? '') !== '' && fault !== undefined) throw badRequest(fault)
  const giveWay = context.isLarge === true ? nextTurn : undefined
  const write = applyWrite(core, context, { applied, options, live: undefined })
  const { object, managedFields } = await inSteps(applyConfiguration(write), giveWay)
  if (unreadable !== undefined) throw unreadable
  await giveWay?.()
  const draft = decodeBody(object, bodyTypeOf(context), { converts: true, notesEmpty: true })
  if (managedFields.length > 0) draft.metadata.managedFields = managedFields as ManagedFieldsEntry[]
  // What is created by an apply has no version yet, whatever the configuration says.
  delete draft.metadata.resourceVersion
  return createObject(core, context, draft, options, { isTracked: true })
}

/** What the field manager must know of an apply. */
function applyWrite(
  core: ApiCore,
  context: RequestContext,
  { applied, options, live }: Pick<Applying, 'applied' | 'options'> & Pick<ApplyWrite, 'live'>,
): ApplyWrite {
  const { manager, apiVersion, subresource, time, type, resetFields, convert } = fieldWrite(core, context, options)
  const force = options.force === true
  return { live, manager, apiVersion, subresource, time, type, resetFields, convert, applied, force, isTyped: true }
}

interface ApplyingTo extends Applying {
  readonly old: DeepReadonly<KubeObject>
  readonly patch: PatchRequest
  readonly giveWay?: GiveWay | undefined
}

/** What an applied configuration makes of `old`, with its new owners. */
export async function applyTo(
  core: ApiCore,
  context: RequestContext,
  { applied, unreadable, options, old, patch, giveWay }: ApplyingTo,
): Promise<KubeObject> {
  const write = applyWrite(core, context, { applied, options, live: old })
  const { object, managedFields } = await inSteps(applyConfiguration(write), giveWay)
  if (unreadable !== undefined) throw unreadable
  await giveWay?.()
  const draft = decodeBody(object, bodyTypeOf(context), {
    fieldValidation: 'Ignore',
    fractions: patch.source?.fractions,
    bytes: patch.source?.bytes,
    hasDecoded: true,
    converts: true,
  })
  draft.metadata.resourceVersion = applied.metadata.resourceVersion ?? NONE
  if (managedFields.length === 0) delete draft.metadata.managedFields
  else draft.metadata.managedFields = managedFields as ManagedFieldsEntry[]
  return draft
}

/** Reads an applied configuration. Throws for one that does not fit its kind. */
export async function readApplied(
  context: RequestContext,
  { body, options, source }: PatchRequest,
): Promise<Configuration> {
  const { resource } = context
  const { fieldValidation } = options
  const { apiVersion } = resource
  if (body !== null && (typeof body !== 'object' || Array.isArray(body))) {
    const why = cannotRead(body, 'map[string]interface {}')
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`)
  }
  demandKind(body, resource)
  // Whatever validation is asked for: an apply must know every field.
  const fault = typedPatchFault({ configuration: body, apiVersion, type: objectTypeOf(resource), live: undefined })
  if (fault !== undefined) throw fault
  const { repeated = [] } = source ?? {}
  if (fieldValidation === 'Strict' && repeated.length > 0) {
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${repeatedMessage(repeated)}`)
  }
  if (context.isLarge === true) await nextTurn()
  // It is told from what is there as it was written: `1000m` is not `1`.
  const applied = { ...(body as KubeObject), metadata: (body as KubeObject).metadata ?? {} }
  let unreadable: ApiError | undefined
  try {
    decodeBody(body, bodyTypeOf(context), {
      fieldValidation,
      duplicates: source?.duplicates,
      repeated,
      fractions: source?.fractions,
      warn: context.warn,
      bytes: source?.bytes,
      partial: true,
      keepsNull: true,
      converts: true,
      refuse: (why, cause) => {
        if (cause === undefined) return badRequest(`error strict decoding YAML: ${why}`)
        return (unreadable = unreadableApply(context, applied, why, cause))
      },
    })
  } catch (error) {
    if (error !== unreadable) throw error
  }
  const { metadata } = applied
  if ((metadata.managedFields ?? undefined) !== undefined) throw badRequest('metadata.managedFields must be nil')
  // What is there already need not be named; whoever names it does it well.
  if (metadata.name !== undefined) matchName(context, metadata)
  return { applied, unreadable }
}

/** The revision of a draft that names none. To take the field out would make all that follows on the object slow. */
const NONE = ''

/** An applied configuration says itself what it is. Another version of the same kind is for the field manager to refuse. */
function demandKind(body: unknown, { apiVersion, kind, group }: ServedResource): void {
  const given = (typeof body === 'object' ? body : undefined) as Partial<Record<string, unknown>> | null | undefined
  const [version, ofKind] = [given?.['apiVersion'] ?? '', given?.['kind'] ?? ''].map((text) =>
    typeof text === 'string' ? text : '',
  ) as [string, string]
  if (version === apiVersion && ofKind === kind) return
  if (ofKind === kind && version !== '' && groupOf(version) === group) return
  throw badRequest(`invalid object type: ${version.includes('/') ? version : `/${version}`}, Kind=${ofKind}`)
}

const groupOf = (apiVersion: string) => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')

/** What a JSON, merge or strategic patch makes of `old`. */
export const patched = (context: RequestContext, patch: PatchRequest, old: DeepReadonly<KubeObject>): KubeObject =>
  atOnce(patchedInSteps(context, patch, old))

function* patchedInSteps(
  context: RequestContext,
  patch: PatchRequest,
  old: DeepReadonly<KubeObject>,
): Steps<KubeObject> {
  const { fieldValidation } = patch.options
  let result: unknown
  try {
    result = yield* applyPatch(context, patch, asWritten(old) as DeepReadonly<KubeObject>)
  } catch (error) {
    if (error instanceof PatchError) throw patchRefused(error)
    throw error
  }
  yield
  const { managedFields } = old.metadata
  const isOwnersKept = managedFields !== undefined && metadataOf(result)?.['managedFields'] === managedFields
  const wanted = bodyTypeOf(context)
  const { type, body } = patch
  const refuse = (why: string, cause?: unknown) =>
    undecodablePatch({ type, body, old, typeKey: wanted.type }, why, cause)
  const draft = decodeBody(isOwnersKept ? withoutOwners(result) : result, wanted, {
    fieldValidation,
    duplicates: type === 'json' ? [] : patch.source?.duplicates,
    faults: type === 'json' ? jsonPatchFaults(patch) : undefined,
    fractions: patch.source?.fractions,
    warn: context.warn,
    bytes: patch.source?.bytes,
    // A JSON patch can put a part of the object where it does not belong.
    hasDecoded: type !== 'json' && !Object.isFrozen(body),
    converts: type === 'strategic',
    isPatched: true,
    refuse,
  })
  if (isOwnersKept) draft.metadata.managedFields = managedFields as ManagedFieldsEntry[]
  matchName(context, draft.metadata)
  // What the patch leaves as it was is no condition on the version.
  if (draft.metadata.resourceVersion === old.metadata.resourceVersion && !namesVersion(patch)) {
    draft.metadata.resourceVersion = NONE
  }
  return draft
}

type JsonObject = Readonly<Record<string, unknown>>

/** What field validation says of a JSON patch itself. */
function jsonPatchFaults({ body, source }: PatchRequest): string[] {
  const operations = Array.isArray(body) ? (body as readonly (JsonObject | null)[]) : []
  const unknown = operations.flatMap((operation, at) =>
    Object.keys(operation ?? {})
      .filter((field) => !OPERATION_FIELDS.has(field))
      .map((field) => `unknown field ${JSON.stringify(`[${at}].${field}`)}`),
  )
  return [...strictFaults({ unknown: [], duplicates: source?.duplicates ?? [] }), ...unknown].map(
    (fault) => `json patch ${fault}`,
  )
}

const OPERATION_FIELDS: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value'])

function metadataOf(object: unknown): JsonObject | undefined {
  return (object as { readonly metadata?: JsonObject } | undefined)?.metadata
}

/** The notes on owners are half of many an object, and a patch seldom touches them. */
function withoutOwners(object: unknown): unknown {
  const { managedFields: _, ...metadata } = metadataOf(object) ?? {}
  return { ...(object as JsonObject), metadata }
}

/** Whether the patch itself says which version it is for. */
function namesVersion({ type, body }: PatchRequest): boolean {
  if (type === 'json') {
    return Array.isArray(body) && body.some((op: { path?: unknown } | null) => op?.path === '/metadata/resourceVersion')
  }
  const { metadata } = (body ?? {}) as { metadata?: { resourceVersion?: unknown } | null }
  return metadata?.resourceVersion !== undefined
}

function* applyPatch(
  { resource }: RequestContext,
  { type, body }: PatchRequest,
  old: DeepReadonly<KubeObject>,
): Steps<unknown> {
  switch (type) {
    case 'json':
      return yield* jsonPatchInSteps(old, body)
    case 'merge':
      return applyMergePatch(old, body)
    case 'strategic':
      return ofKind(resource, applyStrategicPatch(old, body, resource.facts.type, schemaOf))
    case 'apply':
      throw new Error('an apply is no patch of this kind')
  }
}

/** Of what a strategic patch says of the kind nothing is heard. */
function ofKind({ apiVersion, kind }: ServedResource, result: unknown): unknown {
  const given = result as Partial<KubeObject>
  return given.apiVersion === apiVersion && given.kind === kind ? result : { ...given, apiVersion, kind }
}

function patchRefused(error: PatchError): ApiError {
  switch (error.kind) {
    case 'bad-request':
      return badRequest(error.message, error)
    case 'too-many':
      return tooLarge(error.message)
    case 'unprocessable':
      return new ApiError({ message: error.message, reason: 'Invalid', details: {}, code: 422 }, { cause: error })
    case 'unclassified':
      return new ApiError({ message: error.message, code: 500 }, { cause: error })
  }
}

function invalidPatchOptions(field: string, reason: string, message: string): ApiError {
  return new ApiError({
    message: `PatchOptions.meta.k8s.io "" is invalid: ${field}: ${message}`,
    reason: 'Invalid',
    details: {
      group: 'meta.k8s.io',
      kind: 'PatchOptions',
      causes: [{ reason, message, field }],
    },
    code: 422,
  })
}

/** The kind a request's body must be. */
export function bodyTypeOf({ resource }: RequestContext): BodyType {
  return { apiVersion: resource.apiVersion, kind: resource.kind, type: resource.facts.type }
}
