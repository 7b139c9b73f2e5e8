/**
 * The server side of an upgrade to streams, by SPDY/3.1 or by WebSocket, whichever the client asks for
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */
import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { part } from '../../base/async/part.ts'
import { spdyConnection } from './spdy.ts'
import type { StreamConnection, StreamHeaders } from './stream-connection.ts'
import { channelConnection } from './websocket-channels.ts'

export interface AcceptOptions {
  /** The protocols that streams may speak over SPDY, the best first; an empty text accepts clients that name none. */
  readonly spdyProtocols: readonly string[]
  /** The subprotocols of WebSocket; those that begin with `SPDY/3.1+` carry SPDY inside. */
  readonly webSocketProtocols: readonly string[]
  /** The channels of a WebSocket by number, from the request's query. */
  readonly channels: readonly (StreamHeaders | undefined)[]
}

/** What an upgrade request brings, as Node's HTTP server hands it over. */
export interface UpgradeRequest {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

const protocolHeader = 'x-stream-protocol-version'
const tunnelPrefix = 'SPDY/3.1+'

const webSockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 16 * 1024 * 1024 })

const chosenProtocols = new WeakMap<IncomingMessage, string>()
webSockets.on('headers', (headers, request) => {
  const protocol = chosenProtocols.get(request)
  if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
})

/**
 * Answers the upgrade and gives the connection. Answers with a failure, closes the socket and gives `undefined` when
 * the request is no upgrade that is spoken here or client and server have no protocol in common.
 */
export async function acceptStreams(
  upgrade: UpgradeRequest,
  options: AcceptOptions,
): Promise<StreamConnection | undefined> {
  const asked = (upgrade.request.headers.upgrade ?? '').toLowerCase()
  if (asked === 'spdy/3.1') return acceptSpdy(upgrade, options)
  if (asked === 'websocket') return await acceptWebSocket(upgrade, options)
  refuse(upgrade.socket, 400, 'unable to upgrade: missing upgrade headers in request')
  return undefined
}

/** The best of `supported` that the client offers too. A client that offers nothing gets the empty text, if supported. */
export function negotiate(offered: readonly string[], supported: readonly string[]): string | undefined {
  if (offered.length === 0) return supported.find((protocol) => protocol === '')
  return supported.find((protocol) => offered.includes(protocol))
}

function acceptSpdy({ request, socket, head }: UpgradeRequest, options: AcceptOptions): StreamConnection | undefined {
  const offered = valuesOf(request.headers[protocolHeader])
  const protocol = negotiate(offered, options.spdyProtocols)
  if (protocol === undefined) {
    const accepted = options.spdyProtocols.filter((name) => name !== '')
    refuse(
      socket,
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${accepted.join(' ')}]`,
      accepted.map((name) => `X-Accepted-Stream-Protocol-Versions: ${name}`),
    )
    return undefined
  }
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: SPDY/3.1',
      ...(protocol === '' ? [] : [`X-Stream-Protocol-Version: ${protocol}`]),
      '\r\n',
    ].join('\r\n'),
  )
  if (head.length > 0) socket.unshift(head)
  return spdyConnection(socket, { protocol, side: 'server' })
}

async function acceptWebSocket(upgrade: UpgradeRequest, options: AcceptOptions): Promise<StreamConnection | undefined> {
  const accepted = await acceptMessages(upgrade, options.webSocketProtocols)
  if (accepted === undefined) return undefined
  const { webSocket, protocol } = accepted
  if (protocol.startsWith(tunnelPrefix)) {
    const inner = createWebSocketStream(webSocket, { allowHalfOpen: false })
    return spdyConnection(inner, { protocol: protocol.slice(tunnelPrefix.length), side: 'server' })
  }
  return channelConnection(webSocket, { protocol, side: 'server', channels: options.channels })
}

/** A WebSocket, and the subprotocol that it speaks. */
export interface AcceptedMessages {
  readonly webSocket: WebSocket
  readonly protocol: string
}

/** Answers an upgrade to a WebSocket that speaks one of `protocols`. `undefined`: it was refused and is closed. */
export async function acceptMessages(
  { request, socket, head }: UpgradeRequest,
  protocols: readonly string[],
): Promise<AcceptedMessages | undefined> {
  const offered = subprotocolsOf(request)
  const protocol = negotiate(offered, protocols)
  if (protocol === undefined) {
    refuse(socket, 400, `unable to upgrade: none of the subprotocols [${offered.join(' ')}] is spoken`)
    return undefined
  }
  return await switchToMessages({ request, socket, head }, protocol)
}

/** The subprotocols that a client offers. */
export const subprotocolsOf = ({ headers }: IncomingMessage): string[] => valuesOf(headers['sec-websocket-protocol'])

/** Answers an upgrade to a WebSocket that speaks `protocol`, be that an empty text. `undefined`: it is no handshake. */
export async function switchToMessages(
  { request, socket, head }: UpgradeRequest,
  protocol: string,
): Promise<AcceptedMessages | undefined> {
  // The library knows no subprotocol with a slash in its name: it is kept from seeing them.
  delete request.headers['sec-websocket-protocol']
  if (protocol !== '') chosenProtocols.set(request, protocol)
  return await new Promise((resolve) => {
    socket.once('close', () => resolve(undefined)) // the library refused a request that is no handshake
    webSockets.handleUpgrade(request, socket, head, (webSocket) => resolve({ webSocket, protocol }))
  })
}

/** Names in a header that may be repeated or hold a list. */
function valuesOf(header: string | string[] | undefined): string[] {
  const values = typeof header === 'string' ? [header] : (header ?? [])
  return values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
}

/** Answers that there is no upgrade, and ends the connection. */
export function refuse(socket: Duplex, status: number, message: string, headers: readonly string[] = []): void {
  const body = `${message}\n`
  part(
    socket,
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
      '',
      body,
    ].join('\r\n'),
  )
}
