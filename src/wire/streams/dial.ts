/** The client side of an upgrade to streams: to a container runtime's streaming server, to a kubelet, to an API server. */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocket } from 'ws'
import { spdyConnection } from './spdy.ts'
import type { StreamConnection, StreamHeaders } from './stream-connection.ts'
import { channelConnection } from './websocket-channels.ts'

export interface DialOptions {
  /** The protocols the client speaks, the best first. */
  readonly protocols: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Certificates and the like, for https. */
  readonly tls?: Pick<
    RequestOptions,
    'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized' | 'checkServerIdentity'
  >
  readonly method?: 'GET' | 'POST'
}

/** The other side answered, and not with an upgrade. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused'
  readonly status: number

  constructor(status: number, body: string) {
    super(`the upgrade was refused with status ${status}: ${body.trim()}`)
    this.status = status
  }
}

/** An answer to a refused upgrade is not read further than this. */
const maxRefusal = 8 * 1024

/** Connects with SPDY/3.1. Aborting `signal` closes the connection at any time. */
export async function dialSpdy(url: URL, options: DialOptions, signal?: AbortSignal): Promise<StreamConnection> {
  const upgraded = await new Promise<{ response: IncomingMessage; socket: Duplex; head: Buffer }>((resolve, reject) => {
    const request = requestFor(url, options)
    const abort = () => request.destroy(signal?.reason as Error)
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    request.once('error', reject)
    request.once('upgrade', (response, socket, head) => {
      signal?.removeEventListener('abort', abort)
      resolve({ response, socket, head })
    })
    request.once('response', (response) => void refusalOf(response).then(reject, reject))
    request.end()
  })
  const { response, socket, head } = upgraded
  if (head.length > 0) socket.unshift(head)
  const chosen = response.headers['x-stream-protocol-version']
  const protocol = typeof chosen === 'string' ? chosen : (chosen?.[0] ?? '')
  return closeOnAbort(spdyConnection(socket, { protocol, side: 'client' }), signal)
}

export interface DialChannelOptions extends DialOptions {
  /** The channels by number. */
  readonly channels: readonly (StreamHeaders | undefined)[]
}

/** Connects with WebSocket. A subprotocol that begins with `SPDY/3.1+` gives a SPDY connection inside. */
export async function dialWebSocket(
  url: URL,
  { protocols, headers = {}, tls = {}, channels }: DialChannelOptions,
  signal?: AbortSignal,
): Promise<StreamConnection> {
  const address = new URL(url)
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const { socket, first } = await new Promise<{ socket: WebSocket; first: StreamConnection }>((resolve, reject) => {
    // The library knows no subprotocol with a slash in its name: it is kept from seeing them.
    const offer = { 'sec-websocket-protocol': protocols.join(', ') }
    const opening = new WebSocket(address, [], { ...tls, headers: { ...headers, ...offer } })
    let protocol = ''
    opening.once('upgrade', (response) => {
      protocol = response.headers['sec-websocket-protocol'] ?? ''
      delete response.headers['sec-websocket-protocol']
    })
    const abort = () => {
      reject(signal?.reason as Error)
      opening.terminate()
    }
    signal?.addEventListener('abort', abort, { once: true })
    opening.once('error', reject)
    opening.once('unexpected-response', (_, response) => void refusalOf(response).then(reject, reject))
    opening.once('open', () => {
      signal?.removeEventListener('abort', abort)
      // At once, before any message is read.
      resolve({ socket: opening, first: connectionOver(opening, protocol, channels) })
    })
    if (signal?.aborted === true) abort()
  })
  socket.on('error', () => {}) // the connection hears of it
  return closeOnAbort(first, signal)
}

function connectionOver(
  socket: WebSocket,
  protocol: string,
  channels: DialChannelOptions['channels'],
): StreamConnection {
  if (!protocol.startsWith('SPDY/3.1+')) return channelConnection(socket, { protocol, side: 'client', channels })
  const inner = createWebSocketStream(socket, { allowHalfOpen: false })
  return spdyConnection(inner, { protocol: protocol.slice('SPDY/3.1+'.length), side: 'client' })
}

function requestFor(url: URL, { protocols, headers = {}, tls = {}, method = 'POST' }: DialOptions): ClientRequest {
  const options = {
    method,
    headers: { ...headers, connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': [...protocols] },
  }
  return url.protocol === 'https:' ? httpsRequest(url, { ...options, ...tls }) : httpRequest(url, options)
}

async function refusalOf(response: IncomingMessage): Promise<UpgradeRefused> {
  let body = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    body += chunk.toString('utf8')
    if (body.length > maxRefusal) break
  }
  return new UpgradeRefused(response.statusCode ?? 0, body.slice(0, maxRefusal))
}

function closeOnAbort(connection: StreamConnection, signal: AbortSignal | undefined): StreamConnection {
  if (signal === undefined) return connection
  const abort = () => connection.close(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  void connection.closed.then(() => signal.removeEventListener('abort', abort))
  return connection
}
