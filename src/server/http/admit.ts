/**
 * Who makes a request, and whether they may
 * (https://kubernetes.io/docs/concepts/security/controlling-access/).
 */

import type { TLSSocket } from 'node:tls'
import type { UserInfo } from '../../client/user.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import { impersonated } from '../authn/impersonation.ts'
import { type Authorizer, demandPath, demandResource, limitedBy } from '../authz/authorizer.ts'
import type { HttpRequest } from './body.ts'
import { parseUrl, type RequestInfo, requestInfo, type RequestPath } from './request-info.ts'

export interface AdmissionDeps {
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
}

/** A request whose caller is known. */
export interface IdentifiedRequest {
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly path: RequestPath
}

/** Finds out what is asked and by whom. Throws `Unauthorized`, `BadRequest`, and `Forbidden` where the caller poses as another. */
export async function identify(
  { authenticator, authorizer }: AdmissionDeps,
  request: HttpRequest,
): Promise<IdentifiedRequest> {
  const path = parseUrl(request.url ?? '/')
  const info = requestInfo(request.method ?? 'GET', path)
  const known = authenticator.authenticate(socketOf(request), request.headers.authorization)
  const caller = known instanceof Promise ? await known : known
  return { info, user: impersonated(caller, request.headers, authorizer), path }
}

/** Throws `Forbidden` unless the caller may make the request. */
export function demandAccess(authorizer: Authorizer, { info, user, path }: IdentifiedRequest): void {
  if (!info.isResource) {
    demandPath(authorizer, user, info)
    return
  }
  const { verb, group, version, resource, subresource, namespace, name } = info
  const isNamespace = group === '' && resource === 'namespaces'
  const asked = { verb, group, version, resource, subresource, namespace: isNamespace ? name : namespace, name }
  const isLimited = SELECTING.has(verb)
  demandResource(authorizer, user, isLimited ? limitedBy(asked, path.query.get('fieldSelector')) : asked)
}

/** The connection's own socket, whichever protocol. */
function socketOf(request: HttpRequest): TLSSocket {
  return (
    'stream' in request && request.stream?.session !== undefined ? request.stream.session.socket : request.socket
  ) as TLSSocket
}

/** What a field selector limits. */
const SELECTING: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])
