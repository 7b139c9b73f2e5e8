/**
 * A request that wishes for an upgrade which is not done is answered as if it had not wished
 * (https://www.rfc-editor.org/rfc/rfc9110#field.upgrade). Node gives such a connection away as soon as it reads the wish.
 */

import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { cutOff } from '../../base/async/part.ts'
import { badRequest } from '../../meta/errors.ts'
import type { HttpHandlers } from './server.ts'

/** Answers on the connection, which ends with that. A body cannot be read any more: a request with one is refused. */
export async function answerPlainly(
  request: IncomingMessage,
  socket: Duplex,
  handle: HttpHandlers['onRequest'],
): Promise<void> {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.once('finish', () => socket.end(() => cutOff(socket)))
  socket.on('drain', () => response.emit('drain'))
  // Only who reads learns that the other side has gone.
  socket.resume()
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
    const body = JSON.stringify(badRequest('this path does not upgrade').status)
    response.writeHead(400, { 'content-type': 'application/json' }).end(body)
    return
  }
  request.push(null)
  await handle(request, response)
}
