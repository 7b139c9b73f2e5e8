/** Who sends a request (https://kubernetes.io/docs/reference/access-authn-authz/authentication/). */

import type { PeerCertificate, TLSSocket } from 'node:tls'
import { ANONYMOUS, AUTHENTICATED_GROUP, type UserInfo } from '../../client/user.ts'
import { unauthorized } from '../../meta/errors.ts'
import type { TokenVerifier } from './tokens.ts'

export interface Authenticator {
  /** Throws `Unauthorized` for credentials that are wrong; without any, it is nobody in particular. */
  authenticate(socket: TLSSocket, authorization: string | undefined): UserInfo | Promise<UserInfo>
}

export function createAuthenticator(tokens: TokenVerifier): Authenticator {
  // A certificate belongs to a connection: it is read once.
  const byConnection = new WeakMap<TLSSocket, UserInfo | null>()
  return {
    authenticate(socket, authorization) {
      let user = byConnection.get(socket)
      if (user === undefined) byConnection.set(socket, (user = userOfCertificate(socket)))
      if (user !== null) return user
      if (authorization === undefined || authorization === '') return ANONYMOUS
      const [scheme = '', token = ''] = authorization.split(' ', 2)
      if (scheme.toLowerCase() !== 'bearer' || token === '') throw unauthorized()
      return tokens.verify(token).then((found) => {
        if (found === undefined) throw unauthorized()
        return found.user
      })
    },
  }
}

/** The user that a verified client certificate names: CN is the name, each O a group. */
function userOfCertificate(socket: TLSSocket): UserInfo | null {
  if (!socket.authorized || typeof socket.getPeerCertificate !== 'function') return null
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>
  if (subject === undefined) return null
  const name = textsOf(subject.CN)[0] ?? ''
  if (name === '') return null
  return { name, groups: [...textsOf(subject.O), AUTHENTICATED_GROUP] }
}

const textsOf = (value: string | string[] | undefined) =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]
