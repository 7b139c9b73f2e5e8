/**
 * What is wrong with the head of an HTTP/1 request, though Node's parser took it: another version of HTTP, or a host that
 * is missing, doubled or none (https://www.rfc-editor.org/rfc/rfc9112#section-3.2).
 */

import type { IncomingMessage } from 'node:http'

/** How such a request is refused: a status line, which is the body as well. */
export type HeadFault = `${number} ${string}`

const HOST = /^[A-Za-z0-9!$%&'()*+,.:;=@[\]_~-]*$/

/** Absent: the head is sound. */
export function headFault(request: IncomingMessage): HeadFault | undefined {
  const { httpVersionMajor, httpVersionMinor, headers } = request
  if (httpVersionMajor !== 1) return '505 HTTP Version Not Supported: unsupported protocol version'
  const encoding = headers['transfer-encoding']
  if (encoding !== undefined) {
    // Go passes over chunks in HTTP/1.0: read as a body they would be another request than the next server sees.
    if (httpVersionMinor === 0) return '400 Bad Request'
    if (encoding.toLowerCase() !== 'chunked') return '501 Not Implemented: Unsupported transfer encoding'
  }
  const { host } = headers
  if (host === undefined) {
    return httpVersionMinor === 0 ? undefined : '400 Bad Request: missing required Host header'
  }
  if (!HOST.test(host)) return '400 Bad Request: malformed Host header'
  return hasTwoHosts(request) ? '400 Bad Request' : undefined
}

/** Of two hosts Node tells only the first. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}

/** All that is sent to refuse it; the connection ends with it. */
export const refusalOf = (fault: HeadFault): string =>
  `HTTP/1.1 ${fault}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${fault}`
