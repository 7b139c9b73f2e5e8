/** Carries out one request on a resource: the verb, or what a subresource does instead. */

import { nextTurn } from '../../base/async/turn.ts'
import type { ListOptions, PatchType, WriteOptions } from '../../client/transport.ts'
import { methodNotSupported } from '../../meta/errors.ts'
import type { DeleteOptions } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { SubresourceHandler, SubresourceHandlers } from '../subresources/handler.ts'
import { notFoundPath } from './attributes.ts'
import { type Answer, objectAnswer, plainAnswer } from './answer.ts'
import { createObject } from './create.ts'
import { deleteObject } from './delete.ts'
import { answersWithObject } from './deleted-answer.ts'
import { deleteCollection } from './delete-collection.ts'
import { patchObject } from './patch.ts'
import { getObject, listObjects } from './read.ts'
import { readBody, type RequestBody } from './read-body.ts'
import { replaceObject, statusRules } from './update.ts'

export type ApiRequest =
  | { readonly verb: 'get'; readonly resourceVersion?: string | undefined }
  | { readonly verb: 'list'; readonly list: ListOptions }
  | { readonly verb: 'create' | 'update'; readonly body: RequestBody; readonly options: WriteOptions }
  | { readonly verb: 'patch'; readonly type: PatchType; readonly body: RequestBody; readonly options: WriteOptions }
  | ({ readonly verb: 'delete' } & Deleting)
  | ({ readonly verb: 'deletecollection'; readonly list: ListOptions } & Deleting)

interface Deleting {
  readonly options: DeleteOptions
  /** Whether the options came as a body. */
  readonly hasBody?: boolean
}

/** What carries requests out. */
export interface Performer {
  readonly core: ApiCore
  readonly subresources: SubresourceHandlers
}

/** Carries out a request that is authorized. */
export async function perform(performer: Performer, context: RequestContext, request: ApiRequest): Promise<Answer> {
  const { resource, subresource } = context
  if (context.isLarge === true) await nextTurn()
  const handler = subresource === '' ? undefined : handlerOf(performer, context)
  if (handler !== undefined) return handler(performer.core, context, request)
  if (subresource !== '' && subresource !== 'status') throw notFoundPath()
  if (!resource.stored) {
    const own = performer.subresources.get(resource.key)
    if (own !== undefined) return own(performer.core, context, request)
    throw methodNotSupported({ group: resource.group, resource: resource.resource }, request.verb)
  }
  return performStored(performer.core, context, request)
}

function handlerOf(
  { subresources }: Performer,
  { resource, subresource }: RequestContext,
): SubresourceHandler | undefined {
  return subresources.get(`${resource.key}/${subresource}`) ?? subresources.get(`*/${subresource}`)
}

async function performStored(core: ApiCore, context: RequestContext, request: ApiRequest): Promise<Answer> {
  switch (request.verb) {
    case 'get':
      return objectAnswer(getObject(core, context, request.resourceVersion))
    case 'list':
      return { form: 'list', list: await listObjects(core, context, request.list) }
    case 'create': {
      const object = await createObject(
        core,
        context,
        readBody(context, request.body, request.options),
        request.options,
      )
      return objectAnswer(object, 201)
    }
    case 'update': {
      const body = readBody(context, request.body, request.options)
      const { object, isCreated } = await replaceObject(core, context, body, request.options)
      return objectAnswer(object, isCreated ? 201 : 200)
    }
    case 'patch': {
      const { type, options } = request
      const { value, source } = request.body
      const { object, isCreated } = await patchObject(core, context, {
        type,
        body: value,
        options,
        ...(source === undefined ? {} : { source }),
        ...(context.subresource === 'status' ? { rules: statusRules(core, context) } : {}),
      })
      return objectAnswer(object, isCreated ? 201 : 200)
    }
    case 'delete': {
      const answer = await deleteObject(core, context, request.options)
      if (!answer.isGone) {
        return objectAnswer(answer.object, request.options.orphanDependents === false ? 202 : 200)
      }
      return answersWithObject(context.resource) ? objectAnswer(answer.last) : plainAnswer(answer.status)
    }
    case 'deletecollection':
      return { form: 'list', list: await deleteCollection(core, context, request.list, request.options) }
  }
}
