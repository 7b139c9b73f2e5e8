/** What a request is authorized as. */

import { ApiError } from '../../meta/errors.ts'
import type { ResourceAttributes } from '../authz/authorizer.ts'
import type { RequestContext } from '../core.ts'

/** The attributes of a request, `verb` included. */
export function attributesOf(context: RequestContext, verb: string): ResourceAttributes {
  const { resource, subresource, namespace, name } = context
  const { group, version } = resource
  return { verb, group, version, resource: resource.resource, subresource, namespace, name }
}

/** Throws unless the resource, or its subresource, has the verb. */
export function demandVerb({ resource, subresource }: RequestContext, verb: string): void {
  if (subresource === '') {
    if (resource.verbs.has(verb)) return
    throw methodNotAllowed()
  }
  const sub = resource.subresources.get(subresource)
  if (sub === undefined) throw notFoundPath()
  if (!sub.verbs.includes(verb)) throw methodNotAllowed()
}

/** 405 in the words of the API server's router. */
export function methodNotAllowed(): ApiError {
  const message = 'the server does not allow this method on the requested resource'
  return new ApiError({ message, reason: 'MethodNotAllowed', details: {}, code: 405 })
}

/** 404 for a path that leads nowhere. */
export function notFoundPath(): ApiError {
  const message = 'the server could not find the requested resource'
  return new ApiError({ message, reason: 'NotFound', details: {}, code: 404 })
}
