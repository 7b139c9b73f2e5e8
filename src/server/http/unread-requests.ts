/**
 * Answers to HTTP/1 requests that Node's parser refuses (https://nodejs.org/api/http.html#event-clienterror). A method that it
 * does not know is one that no resource allows; the rest is told as Go tells it.
 */

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { part } from '../../base/async/part.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { type HeadFault, refusalOf } from './request/request-head.ts'

const FAULTS: Readonly<Record<string, HeadFault>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
}

/** What Node says of a request that it could not read. */
export interface ReadError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

/** Tells the client what was wrong with what it sent, and ends the connection. */
export function answerUnread(error: ReadError, socket: Duplex, auditId: string): void {
  const { code = '' } = error
  // Who never said a word is told none; before keys are agreed on there is no telling, and no end of waiting for it.
  const { bytesRead, secureConnecting } = socket as TLSSocket & { readonly secureConnecting?: boolean }
  const isSilent = secureConnecting === true || (code === 'ERR_HTTP_REQUEST_TIMEOUT' && bytesRead === 0)
  if (code === 'ECONNRESET' || isSilent || !socket.writable) {
    socket.destroy()
    return
  }
  if (code === 'HPE_INVALID_METHOD' && isRequest(error.rawPacket)) {
    const body = `${JSON.stringify(methodNotAllowed().status)}\n`
    const head = [
      'HTTP/1.1 405 Method Not Allowed',
      `Audit-Id: ${auditId}`,
      'Cache-Control: no-cache, private',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ]
    part(socket, `${head.join('\r\n')}\r\n\r\n${body}`)
    return
  }
  part(socket, refusalOf(FAULTS[code] ?? '400 Bad Request'))
}

/** Whether the bytes are a request but for their method. */
const isRequest = (bytes: Buffer | undefined): boolean =>
  /^[A-Za-z!#$%&'*+.^_`|~-]{1,64} \S+ HTTP\/1\.[01]\r\n/.test(bytes?.toString('latin1', 0, 8_192) ?? '')
