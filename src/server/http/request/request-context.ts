/** What the verbs are told of a request. */

import type { UserInfo } from '../../../client/user.ts'
import type { Annotate } from '../../audit/audit.ts'
import type { RequestContext } from '../../core.ts'
import type { ResourceTable } from '../../registry/served-resource.ts'
import { notFoundPath } from '../../verbs/attributes.ts'
import type { HttpRequest } from './body.ts'
import type { ResourceRequest } from './request-info.ts'
import type { Warnings } from '../answer/warnings.ts'

interface ContextParts {
  readonly request: HttpRequest
  readonly info: ResourceRequest
  readonly user: UserInfo
  readonly warnings: Warnings
  readonly annotate?: Annotate | undefined
}

/** What the verbs are told of a request. Throws `NotFound` for a resource nobody serves. */
export function contextOf(
  resources: ResourceTable,
  { request, info, user, warnings, annotate }: ContextParts,
): RequestContext {
  const { group, version, resource: name, subresource } = info
  const resource = resources.find(group, version, name)
  if (resource === undefined) throw notFoundPath()
  const isKnown = subresource === '' || resource.subresources.has(subresource)
  const { deprecation } = resource.meaning
  // Of what cannot be done nothing else is said.
  const verb = info.verb === 'watch' && info.isWatchPath !== true ? 'list' : info.verb
  const isServed = isKnown && resource.verbs.has(verb) && request.method !== 'HEAD'
  if (deprecation !== undefined && isServed) {
    warnings.add(deprecation)
    annotate?.('k8s.io/deprecated', 'true')
  }
  return {
    user,
    resource,
    namespace: resource.namespaced ? info.namespace : '',
    name: info.name,
    subresource,
    userAgent: utf8Header(request.headers['user-agent'] ?? ''),
    warn: (text) => warnings.add(text),
    annotate,
  }
}

/** Node reads headers as Latin-1. */
function utf8Header(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value
}
