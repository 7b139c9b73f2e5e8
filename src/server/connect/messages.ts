/** Answers that browsers take as messages of a WebSocket: watches and logs. */

import {
  acceptMessages,
  type AcceptedMessages,
  refuse,
  subprotocolsOf,
  switchToMessages,
  type UpgradeRequest,
} from '../../wire/streams/accept.ts'
import type { RequestContext } from '../core.ts'
import { errorFrame } from '../http/answer/encode.ts'
import type { HandlerDeps } from '../http/handler.ts'
import { startWatch } from '../http/watch/serve-watch.ts'
import { statusOf } from '../http/answer/respond.ts'
import type { RequestPath } from '../http/request/request-info.ts'
import { watchOptions } from '../http/request/query.ts'
import { watchSocket } from '../http/watch/watch-socket.ts'
import { checkedWatch } from '../verbs/watch.ts'
import { ask, type ForwardOptions } from './forward.ts'
import type { ConnectTarget } from './target.ts'

/** What the messages of a log may be: bytes as they are, or as base64; without a name they are bytes. */
const PROTOCOLS = ['', 'binary.k8s.io', 'base64.binary.k8s.io']
const NORMAL_CLOSURE = 1000
const LENGTH_PREFIX = 4

export interface SocketWatch {
  readonly upgrade: UpgradeRequest
  readonly context: RequestContext
  readonly path: RequestPath
}

/** Serves a watch: an event a message. Done as soon as it has begun, or was refused. */
export async function watchOverSocket(deps: HandlerDeps, { upgrade, context, path }: SocketWatch): Promise<void> {
  const { start, encode, form } = startWatch(deps.core, upgrade.request, context, path)
  // Refused while there still is an answer to send: later there are only messages.
  checkedWatch(deps.core, context, watchOptions(path.query))
  const isText = form.encoding !== 'protobuf'
  // A message has its own length.
  const message = (bytes: Buffer) => (isText ? bytes : bytes.subarray(LENGTH_PREFIX))
  const accepted = await acceptWatch(upgrade)
  if (accepted === undefined) return
  const { webSocket } = accepted
  webSocket.on('error', () => webSocket.terminate())
  const stop = start(watchSocket(webSocket, (frame) => message(encode(frame)), isText))
  if (typeof stop === 'function') {
    webSocket.on('close', stop)
    return
  }
  webSocket.send(message(errorFrame(statusOf(stop), form)), { binary: !isText })
  webSocket.close(NORMAL_CLOSURE)
}

/**
 * Accepts as a watch of Kubernetes does: from whom says where the page is that asks, in whatever subprotocol is offered
 * if it is only one.
 */
async function acceptWatch(upgrade: UpgradeRequest): Promise<AcceptedMessages | undefined> {
  const { request, socket } = upgrade
  const { headers } = request
  if (headers['sec-websocket-version'] !== '13') {
    refuse(socket, 400, 'missing or bad WebSocket Version', ['Sec-WebSocket-Version: 13'])
    return undefined
  }
  if (!ORIGIN.test(headers.origin ?? '')) {
    refuse(socket, 403, 'origin missing or malformed')
    return undefined
  }
  const [protocol = '', ...others] = subprotocolsOf(request)
  if (others.length > 0 || /[^\x21-\x7e]/.test(protocol)) {
    refuse(socket, 400, 'more than one subprotocol')
    return undefined
  }
  return await switchToMessages(upgrade, protocol)
}

/** A URL, or the path of one. */
const ORIGIN = /^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:)/

/** Sends what `target` answers, as it comes; nothing when there is no target. */
export async function sendOverSocket(
  upgrade: UpgradeRequest,
  target: ConnectTarget | undefined,
  options: ForwardOptions,
): Promise<void> {
  const gone = new AbortController()
  upgrade.socket.once('close', () => gone.abort())
  const answer = target === undefined ? undefined : await ask(target, options, gone.signal)
  const accepted = await acceptMessages(upgrade, PROTOCOLS)
  if (accepted === undefined) return
  const { webSocket, protocol } = accepted
  webSocket.on('error', () => webSocket.terminate())
  const isBase64 = protocol.startsWith('base64')
  try {
    for await (const chunk of answer ?? []) {
      const message = isBase64 ? (chunk as Buffer).toString('base64') : (chunk as Buffer)
      await new Promise<void>((resolve, reject) =>
        webSocket.send(message, (error) => (error instanceof Error ? reject(error) : resolve())),
      )
    }
    webSocket.close(NORMAL_CLOSURE)
  } catch {
    webSocket.terminate() // One of the two went away: there is nobody left to tell.
  }
}
