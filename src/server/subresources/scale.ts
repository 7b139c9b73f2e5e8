/** The scale subresource: how many, seen the same way for every kind (https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/). */

import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import type { Column } from '../../api/resource.ts'
import { schemaOf } from '../../api/schemas.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { badRequest, conflict, invalid, OBJECT_MODIFIED } from '../../meta/errors.ts'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { nonNegative } from '../../meta/validation.ts'
import { applyJsonPatch } from '../../wire/patch/json-patch.ts'
import { applyMergePatch } from '../../wire/patch/merge-patch.ts'
import { applyStrategicPatch } from '../../wire/patch/strategic.ts'
import type { ObjectLens } from '../admission/admission.ts'
import { decodeBody } from '../codec.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { type Answer, shownAnswer } from '../verbs/answer.ts'
import { methodNotAllowed, notFoundPath } from '../verbs/attributes.ts'
import { patchObject } from '../verbs/patch.ts'
import type { ApiRequest } from '../verbs/perform.ts'
import { matchNamespace, wrongUid } from '../verbs/metadata.ts'
import { getObject } from '../verbs/read.ts'
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
  const { options } = request
  if (request.verb === 'patch' && request.type === 'apply') return applyScale(core, context, request)
  const makeDraft = (old: DeepReadonly<KubeObject>): KubeObject => {
    const wish = wishOf(context, request, old)
    checkWish(context, wish, old)
    const draft = draftOf<KubeObject>(old)
    context.resource.meaning.scale!.setReplicas(draft, wish.spec?.replicas ?? 0)
    // The wish's own was compared above; the draft names none, so that a lost race is run again.
    delete draft.metadata.resourceVersion
    return draft
  }
  const { object } = await changeObject(core, context, { makeDraft, options, tries: 6, lens: scaleLens(context) })
  return shownScale(scaleOf(context, object.object))
}

/** Admission is asked about the Scale. */
function scaleLens(context: RequestContext): ObjectLens {
  return {
    show: (object) => scaleOf(context, object),
    put: (scale, object) => context.resource.meaning.scale!.setReplicas(object, (scale as Scale).spec?.replicas ?? 0),
  }
}

type PatchCall = Extract<ApiRequest, { readonly verb: 'patch' }>

/** Whoever applies a Scale owns the field that it stands for, and hears of others that own it. */
async function applyScale(core: ApiCore, context: RequestContext, request: PatchCall): Promise<Answer> {
  const { resource, namespace, name } = context
  const { body, options } = request
  const wish = decodeBody(body.value, SCALE, body.source) as Scale
  checkWish(context, wish, getObject(core, context).object)
  const { resourceVersion } = wish.metadata ?? {}
  const { replicas } = wish.spec ?? {}
  const applied = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    ...(replicas === undefined ? {} : { spec: {} }),
  }
  if (replicas !== undefined) resource.meaning.scale!.setReplicas(applied, replicas)
  const { object } = await patchObject(core, context, {
    type: 'apply',
    body: applied,
    options,
    lens: scaleLens(context),
  })
  return shownScale(scaleOf(context, object.object))
}

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

function wishOf(
  context: RequestContext,
  request: Extract<ApiRequest, { readonly verb: 'update' | 'create' | 'patch' }>,
  old: DeepReadonly<KubeObject>,
): Scale {
  const { value, source } = request.body
  if (request.verb !== 'patch') return decodeBody(value, SCALE, source) as Scale
  const current = scaleOf(context, old)
  switch (request.type) {
    case 'json':
      return decodeBody(applyJsonPatch(current, value), SCALE) as Scale
    case 'merge':
      return decodeBody(applyMergePatch(current, value), SCALE) as Scale
    case 'strategic':
      return decodeBody(applyStrategicPatch(current, value, SCALE.type, schemaOf), SCALE) as Scale
    case 'apply':
      throw new Error('an apply is no patch of this kind')
  }
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
    throw wrongUid({ resource, namespace, name }, uid, old.metadata.uid)
  }
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict({ group: resource.group, resource: resource.resource, name }, OBJECT_MODIFIED)
  }
}
