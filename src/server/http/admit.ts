/**
 * Who makes a request, and whether they may
 * (https://kubernetes.io/docs/concepts/security/controlling-access/).
 */

import type { TLSSocket } from 'node:tls'
import type { UserInfo } from '../../client/user.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import { impersonated } from '../authn/impersonation.ts'
import { takeSocketToken } from '../authn/socket-token.ts'
import { type Authorizer, type Decision, demandPath, demandResource, limitedBy } from '../authz/authorizer.ts'
import type { HttpRequest } from './body.ts'
import { parseUrl, type RequestInfo, requestInfo, type RequestPath, SELECTING } from './request-info.ts'

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

/** Finds out what is asked and by whom. Throws `Unauthorized` and `BadRequest`. */
export async function identify(
  { authenticator }: Pick<AdmissionDeps, 'authenticator'>,
  request: HttpRequest,
  warn?: (text: string) => void,
): Promise<IdentifiedRequest> {
  const path = parseUrl(request.url ?? '/')
  const info = requestInfo(request.method ?? 'GET', path)
  const { headers } = request
  const authorization = headers.authorization ?? takeSocketToken(headers)
  const known = authenticator.authenticate(socketOf(request), authorization, warn)
  const caller = known instanceof Promise ? await known : known
  return { info, user: caller, path }
}

/** The same as whom the caller asks to act as. Throws `Forbidden` where the caller may not. */
export function actingAs(
  { authorizer }: Pick<AdmissionDeps, 'authorizer'>,
  request: HttpRequest,
  identified: IdentifiedRequest,
): IdentifiedRequest {
  const user = impersonated(identified.user, request.headers, authorizer)
  return user === identified.user ? identified : { ...identified, user }
}

/** Throws `Forbidden` unless the caller may make the request. `note` is told what was decided, and why. */
export function demandAccess(
  authorizer: Authorizer,
  { info, user, path }: IdentifiedRequest,
  note?: (decision: Decision) => void,
): void {
  if (!info.isResource) {
    demandPath(authorizer, user, info, note)
    return
  }
  const { verb, group, version, resource, subresource, namespace, name } = info
  const isNamespace = group === '' && resource === 'namespaces'
  const asked = { verb, group, version, resource, subresource, namespace: isNamespace ? name : namespace, name }
  const isLimited = SELECTING.has(verb)
  demandResource(authorizer, user, isLimited ? limitedBy(asked, path.query.get('fieldSelector')) : asked, note)
}

/** The connection's own socket, whichever protocol. */
function socketOf(request: HttpRequest): TLSSocket {
  return (
    'stream' in request && request.stream?.session !== undefined ? request.stream.session.socket : request.socket
  ) as TLSSocket
}
