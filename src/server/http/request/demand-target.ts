/** Refuses methods on the wrong kind of path, in the words of Kubernetes's router. */

import { badRequest } from '../../../meta/errors.ts'
import type { RequestContext } from '../../core.ts'
import { demandVerb, methodNotAllowed, notFoundPath } from '../../verbs/attributes.ts'
import type { HttpRequest } from './body.ts'
import type { ResourceRequest } from './request-info.ts'

/** A resource with none of these, such as a review, has no objects to name. */
const NAMED_VERBS = ['get', 'update', 'patch', 'delete'] as const

/** Refuses what its resource has no path for. Throws `NotFound`, `MethodNotAllowed` and `BadRequest`. */
export function demandTarget(context: RequestContext, info: ResourceRequest): void {
  const { verb, namespace, name, subresource } = info
  const { resource } = context
  const isPlaced = namespace !== '' || info.hasEmptyNamespace === true
  if (!resource.namespaced && isPlaced && resource.key !== 'v1/namespaces') throw notFoundPath()
  if (subresource !== '') {
    if (!resource.subresources.has(subresource)) throw notFoundPath()
    if (resource.namespaced && !isPlaced) throw notFoundPath()
    // Without a name a read is none of one object, and still of a part of one.
    if (verb !== 'list') demandVerb(context, verb)
    demandNames(context, info)
    demandVerb(context, verb)
    return
  }
  // What is created in no namespace is judged: it lacks one.
  const isJudged = info.hasEmptyNamespace === true && verb === 'create'
  if (resource.namespaced && namespace === '' && verb !== 'list' && verb !== 'watch' && !isJudged) {
    if (name !== '' && isPlaced) demandVerb(context, verb)
    demandNames(context, info)
    throw name === '' ? methodNotAllowed() : notFoundPath()
  }
  if (name !== '' && !NAMED_VERBS.some((one) => resource.verbs.has(one))) throw notFoundPath()
  if (name === '' ? verb === 'update' || verb === 'patch' : verb === 'create') throw methodNotAllowed()
  demandVerb(context, verb)
}

/** Refuses paths in which a name is missing between two slashes. */
function demandNames({ resource }: RequestContext, info: ResourceRequest): void {
  const { name, subresource, hasEmptyNamespace } = info
  if (name === '' && subresource !== '') throw badRequest('name must be provided')
  if (resource.namespaced && hasEmptyNamespace === true && name !== '')
    throw badRequest('Namespace parameter required.')
}

/** Refuses what cannot be connected to, before its program is asked. */
export function demandConnection(request: HttpRequest, context: RequestContext, info: ResourceRequest): void {
  const isProxied = info.subresource === 'proxy' && request.method === 'OPTIONS'
  if (info.verb === 'list') demandNames(context, info)
  if (!isProxied) demandVerb(context, info.verb)
  demandNames(context, info)
}
