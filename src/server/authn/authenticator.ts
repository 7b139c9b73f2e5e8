/** Who sends a request (https://kubernetes.io/docs/reference/access-authn-authz/authentication/). */

import type { PeerCertificate, TLSSocket } from 'node:tls'
import { ANONYMOUS, AUTHENTICATED_GROUP, type UserInfo } from '../../client/user.ts'
import { unauthorized } from '../../meta/errors.ts'
import type { TokenVerifier } from './tokens.ts'

export interface Authenticator {
  /**
   * Throws `Unauthorized` for credentials that are wrong; without any, it is nobody in particular. `warn` gets what
   * whoever sends them is to be told.
   */
  authenticate(
    socket: TLSSocket,
    authorization: string | undefined,
    warn?: (text: string) => void,
  ): UserInfo | Promise<UserInfo>
}

const APART = 'the provided Authorization header contains extra space before the bearer token, and is ignored'

/** The token in a header; empty where there is none, for credentials of another sort are none. */
export function readBearer(authorization = ''): { readonly token: string; readonly isApart: boolean } {
  const [scheme = '', token = '', rest] = authorization.trim().split(' ', 3)
  if (scheme.toLowerCase() !== 'bearer') return { token: '', isApart: false }
  return { token, isApart: token === '' && rest !== undefined }
}

/** `onCertificate` hears until when each certificate is good, in milliseconds since the epoch. */
export function createAuthenticator(tokens: TokenVerifier, onCertificate?: (until: number) => void): Authenticator {
  // A certificate belongs to a connection: it is read once.
  const byConnection = new WeakMap<TLSSocket, CertificateSays>()
  return {
    authenticate(socket, authorization, warn) {
      let says = byConnection.get(socket)
      if (says === undefined) byConnection.set(socket, (says = readCertificate(socket, onCertificate)))
      if (typeof says === 'object') return says
      const { token, isApart } = readBearer(authorization)
      if (token === '') {
        if (isApart) warn?.(APART)
        if (says === 'nothing to trust') throw unauthorized()
        return ANONYMOUS
      }
      return tokens.verify(token).then((found) => {
        if (found === undefined) throw unauthorized()
        if (found.warning !== undefined) warn?.(found.warning)
        return found.user
      })
    },
  }
}

/** A user, when the cluster's authority has signed it: CN is the name, each O a group. */
type CertificateSays = UserInfo | 'nothing' | 'nothing to trust'

function readCertificate(socket: TLSSocket, onCertificate: ((until: number) => void) | undefined): CertificateSays {
  if (typeof socket.getPeerCertificate !== 'function') return 'nothing'
  const { subject, fingerprint256 = '', valid_to: until = '' } = socket.getPeerCertificate() as Partial<PeerCertificate>
  if (subject === undefined) return 'nothing'
  const name = textsOf(subject.CN)[0] ?? ''
  if (!socket.authorized || name === '') return 'nothing to trust'
  onCertificate?.(Date.parse(until))
  // Which of a user's certificates it was, for whoever looks into it later.
  const credential = `X509SHA256=${fingerprint256.replaceAll(':', '').toLowerCase()}`
  const extra = { 'authentication.kubernetes.io/credential-id': [credential] }
  return { name, groups: [...textsOf(subject.O), AUTHENTICATED_GROUP], extra }
}

const textsOf = (value: string | string[] | undefined) =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]
