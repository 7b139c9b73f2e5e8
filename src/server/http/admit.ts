/**
 * Who makes a request, and whether they may
 * (https://kubernetes.io/docs/concepts/security/controlling-access/).
 */

import type { TLSSocket } from 'node:tls'
import type { UserInfo } from '../../client/user.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import type { Impersonation } from '../authn/impersonation.ts'
import { wantedUser } from '../authn/impersonation-headers.ts'
import { takeSocketToken } from '../authn/socket-token.ts'
import { type AskedAttributes, type Authorizer, type Decision, demandAllowed, limitedBy } from '../authz/authorizer.ts'
import type { HttpRequest } from './request/body.ts'
import { parseUrl, type RequestInfo, requestInfo, type RequestPath, SELECTING } from './request/request-info.ts'

export interface AdmissionDeps {
  readonly authenticator: Authenticator
  readonly impersonation: Impersonation
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

/** A request whose caller acts as somebody, perhaps as somebody else. */
export interface ActingRequest extends IdentifiedRequest {
  /** The right by which the caller acts as somebody else, where it is for this very request. */
  readonly constraint?: string
}

/** The same as whom the caller asks to act as. Throws `Forbidden` where the caller may not. */
export function actingAs(
  { impersonation }: Pick<AdmissionDeps, 'impersonation'>,
  request: HttpRequest,
  identified: IdentifiedRequest,
): ActingRequest {
  const wanted = wantedUser(request.rawHeaders)
  if (wanted === undefined) return identified
  return { ...identified, ...impersonation.actingAs(identified.user, wanted, attributesOf(identified)) }
}

/** Throws `Forbidden` unless the caller may make the request. `note` is told what was decided, and why. */
export function demandAccess(
  authorizer: Authorizer,
  request: IdentifiedRequest,
  note?: (decision: Decision) => void,
): void {
  demandAllowed(authorizer, request.user, attributesOf(request), note)
}

/** What rules are asked about a request. */
function attributesOf({ info, path }: IdentifiedRequest): AskedAttributes {
  if (!info.isResource) return info
  const { verb, group, version, resource, subresource, namespace, name } = info
  const isNamespace = group === '' && resource === 'namespaces'
  const asked = { verb, group, version, resource, subresource, namespace: isNamespace ? name : namespace, name }
  return SELECTING.has(verb) ? limitedBy(asked, path.query.get('fieldSelector')) : asked
}

/** The connection's own socket, whichever protocol. */
function socketOf(request: HttpRequest): TLSSocket {
  return (
    'stream' in request && request.stream?.session !== undefined ? request.stream.session.socket : request.socket
  ) as TLSSocket
}
