/**
 * Browsers cannot say who they are in a header when they open a WebSocket: they send their token as a subprotocol
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/).
 */

import type { IncomingHttpHeaders } from 'node:http'
import { unauthorized } from '../../meta/errors.ts'

const PREFIX = 'base64url.bearer.authorization.k8s.io.'
const PROTOCOLS = 'sec-websocket-protocol'

/**
 * The token among the subprotocols, as an `Authorization` header has it; undefined: there is none. It is taken out, so
 * that nobody chooses it or hands it on. Throws `Unauthorized` where there are several, or nothing else to speak.
 */
export function takeSocketToken(headers: IncomingHttpHeaders): string | undefined {
  const offered = headers[PROTOCOLS]
  if (offered === undefined || !offered.includes(PREFIX) || headers.upgrade?.toLowerCase() !== 'websocket') return
  const all = offered.split(',').map((name) => name.trim())
  const others = all.filter((name) => !name.startsWith(PREFIX))
  const [own, ...more] = all.filter((name) => name.startsWith(PREFIX))
  if (own === undefined || more.length > 0 || others.length === 0) throw unauthorized()
  headers[PROTOCOLS] = others.join(', ')
  return `Bearer ${decoded(own.slice(PREFIX.length))}`
}

function decoded(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  // What is no base64 is skipped by Node: then it is not the same again.
  if (text === '' || bytes.toString('base64url') !== text) throw unauthorized()
  return bytes.toString('utf8')
}
