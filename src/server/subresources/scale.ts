/** The scale subresource: how many, seen the same way for every kind (https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/). */

import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import type { Column } from '../../api/resource.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { badRequest, conflict, invalid, OBJECT_MODIFIED } from '../../meta/errors.ts'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/types.ts'
import { nonNegative } from '../../meta/validation.ts'
import type { ObjectLens } from '../admission/admission.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { updateManagedFields } from '../fieldmanager/field-manager.ts'
import { ownersOfScale, ownersOfScaled } from '../fieldmanager/scale-owners.ts'
import { shownAnswer } from '../verbs/answer.ts'
import { methodNotAllowed, notFoundPath } from '../verbs/attributes.ts'
import { applyTo, checkPatchOptions, patched, type PatchRequest, readApplied } from '../verbs/patch.ts'
import type { ApiRequest } from '../verbs/perform.ts'
import { matchNamespace, wrongUid } from '../verbs/metadata.ts'
import { getObject } from '../verbs/read.ts'
import { readBody } from '../verbs/read-body.ts'
import { fieldWrite } from '../verbs/field-owner.ts'
import { changeObject } from '../verbs/update.ts'
import type { SubresourceHandler } from './handler.ts'

const SCALE = { apiVersion: 'autoscaling/v1', kind: 'Scale', type: 'autoscaling/v1.Scale' }

const COLUMNS: readonly Column<KubeObject>[] = [
  {
    name: 'Desired',
    type: 'integer',
    description: 'replicas is the desired number of instances for the scaled object.',
    cell: (object) => (object as Scale).spec?.replicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    description: 'replicas is the actual number of observed instances of the scaled object.',
    cell: (object) => (object as Scale).status?.replicas ?? 0,
  },
]

export const scale: SubresourceHandler = async (core, context, request) => {
  if (context.resource.meaning.scale === undefined) throw notFoundPath()
  if (request.verb === 'get') return shownScale(scaleOf(context, getObject(core, context).object))
  if (request.verb !== 'update' && request.verb !== 'patch') throw methodNotAllowed()
  const { resource } = context
  const { options } = request
  if (request.verb === 'patch') checkPatchOptions(patchOf(request))
  const makeDraft = async (old: DeepReadonly<KubeObject>): Promise<KubeObject> => {
    const { managedFields } = old.metadata
    const current = scaleOf(context, old)
    current.metadata.managedFields = ownersOfScale(managedFields) as ManagedFieldsEntry[]
    const wish = await wishOf(core, context, request, current)
    checkWish(context, wish, old)
    const draft = draftOf<KubeObject>(old)
    resource.meaning.scale!.setReplicas(draft, wish.spec?.replicas ?? 0)
    const owners = ownersOfScaled(managedFields, wish.metadata.managedFields, resource.apiVersion)
    if (owners.length === 0) delete draft.metadata.managedFields
    else draft.metadata.managedFields = owners as ManagedFieldsEntry[]
    // The wish's own was compared above; the draft names none, so that a lost race is run again.
    delete draft.metadata.resourceVersion
    return draft
  }
  const rest = { options, lens: scaleLens(context), isTracked: true }
  const { object } = await changeObject(core, context, { makeDraft, ...rest })
  return shownScale(scaleOf(context, object.object))
}

/** Admission is asked about the Scale. */
function scaleLens(context: RequestContext): ObjectLens {
  return {
    show: (object) => scaleOf(context, object),
    put: (scale, object) => context.resource.meaning.scale!.setReplicas(object, (scale as Scale).spec?.replicas ?? 0),
  }
}

type WriteCall = Extract<ApiRequest, { readonly verb: 'update' | 'create' | 'patch' }>
type PatchCall = Extract<ApiRequest, { readonly verb: 'patch' }>

const patchOf = ({ type, body: { value, source }, options }: PatchCall): PatchRequest => ({
  type,
  body: value,
  options,
  ...(source === undefined ? {} : { source }),
})

const shownScale = (scale: Scale & KubeObject) => shownAnswer(scale, COLUMNS)

/** An object as a Scale. */
function scaleOf({ resource }: RequestContext, object: DeepReadonly<KubeObject>): Scale & KubeObject {
  const mapping = resource.meaning.scale!
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = mapping.replicas(object)
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as NonNullable<Scale['metadata']>
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata,
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: mapping.currentReplicas(object), selector: mapping.selector(object) },
  } as Scale & KubeObject
}

/** The Scale that is asked for, with its owners. */
async function wishOf(
  core: ApiCore,
  context: RequestContext,
  request: WriteCall,
  current: Scale & KubeObject,
): Promise<Scale & KubeObject> {
  const { options } = request
  const about = aboutScale(context)
  if (request.verb === 'patch' && request.type === 'apply') {
    const patch = patchOf(request)
    const configuration = await readApplied(about, patch)
    return (await applyTo(core, about, { ...configuration, options, old: current, patch })) as Scale & KubeObject
  }
  const wish =
    request.verb === 'patch' ? patched(about, patchOf(request), current) : readBody(about, request.body, options)
  const write = { ...fieldWrite(core, about, options), live: current, next: wish }
  wish.metadata.managedFields = updateManagedFields(write) as ManagedFieldsEntry[]
  return wish as Scale & KubeObject
}

/** The request as if the Scale were an object of its own. */
function aboutScale(context: RequestContext): RequestContext {
  const { apiVersion, kind, type } = SCALE
  const { resource } = context
  const facts = { ...resource.facts, type }
  return { ...context, resource: { ...resource, group: 'autoscaling', version: 'v1', apiVersion, kind, facts } }
}

function checkWish({ resource, name, namespace }: RequestContext, wish: Scale, old: DeepReadonly<KubeObject>): void {
  const given = wish.metadata ?? {}
  if ((given.name ?? name) !== name) {
    throw badRequest(`the name of the object (${given.name ?? ''}) does not match the name on the URL (${name})`)
  }
  matchNamespace(namespace, given)
  const faults = nonNegative(wish.spec?.replicas ?? 0, fieldPath('spec', 'replicas'))
  if (faults.length > 0) throw invalid({ group: 'autoscaling', kind: 'Scale', name }, faults)
  const { resourceVersion = '', uid = '' } = given
  if (uid !== '' && uid !== old.metadata.uid) {
    throw wrongUid({ resource, namespace, name }, uid, { found: old.metadata.uid })
  }
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict({ group: resource.group, resource: resource.resource, name }, OBJECT_MODIFIED)
  }
}
