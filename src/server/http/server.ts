/** The HTTPS server: HTTP/2 and HTTP/1.1 on one port (https://kubernetes.io/docs/concepts/security/controlling-access/#transport-security). */

import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  constants,
  createSecureServer,
  Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { listening } from '../../base/async/listening.ts'
import { part } from '../../base/async/part.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { type ConnectionLimits, connectionLimits, Connections, endWhenAnswered, endWhenIdle } from './connections.ts'
import { headFault, refusalOf } from './request/request-head.ts'
import type { ReadError } from './unread-requests.ts'

export interface ListenOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** PEM. */
  readonly certificate: string
  readonly key: string
  /** The authority whose client certificates count. */
  readonly clientCa: string
  /** Absent: as Kubernetes has them. */
  readonly limits?: ConnectionLimits
}

export interface Listening {
  readonly port: number
  /** Ends all connections. */
  close(): Promise<void>
}

export interface HttpHandlers {
  readonly onRequest: (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => Promise<void>
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>
  /** For an HTTP/1 request that Node could not read. */
  readonly onUnread: (error: ReadError, socket: Duplex) => void
  /** For what those two threw: it ends the request's stream or connection, and nothing else. */
  readonly onFailure?: (error: unknown) => void
  /** Somebody could not agree with us on how to speak. */
  readonly onHandshakeError?: () => void
}

/** One client may have so many requests open on a connection, watches included. */
const MAX_STREAMS = 100
const MAX_HEADERS = 64 * 1024
/** Of HTTP/1, whose headers are read whole and many at a time. */
const MAX_HEADERS_1 = 32 * 1024
/** So many requests may be taken back before anybody looks at them. */
const MAX_TAKEN_BACK = 200
const ENHANCE_YOUR_CALM = constants.NGHTTP2_ENHANCE_YOUR_CALM
/** So often within its time it is looked whether a head is there. */
const LOOKS = 32

/** What Go's servers tell who speaks without encryption. */
const NOT_ENCRYPTED = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'

/** What Kubernetes offers, in its order of preference: the cheapest that is safe first. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** Begins to serve. */
export async function listen(options: ListenOptions, handlers: HttpHandlers): Promise<Listening> {
  const { host, port, certificate, key, clientCa, limits = connectionLimits } = options
  const server = createSecureServer({
    cert: certificate,
    key,
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    allowHTTP1: true,
    handshakeTimeout: limits.handshakeMs,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    maxHeaderListPairs: 200,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADERS, initialWindowSize: 256 * 1024 },
  })
  // Options of the HTTP/1 side, which the constructor does not take.
  Object.assign(server, {
    keepAliveTimeout: limits.idleMs,
    headersTimeout: limits.headMs,
    connectionsCheckingInterval: limits.headMs / LOOKS,
    // What is sent to a proxy may take as long as it likes; all else has its own deadline.
    requestTimeout: 0,
    maxHeaderSize: MAX_HEADERS_1,
  })
  const connections = new Connections(server)
  const contain = (done: Promise<void>, socket: Duplex) =>
    void done.catch((error: unknown) => {
      handlers.onFailure?.(error)
      socket.destroy()
    })
  server.on('request', (request, response) => {
    // The version that a request tells is its client's word: one of HTTP/1 may say 2.0.
    if (request instanceof Http2ServerRequest) {
      contain(onStream(request, response as Http2ServerResponse, handlers), request.stream)
      return
    }
    const fault = headFault(request as IncomingMessage)
    if (fault !== undefined) part((request as IncomingMessage).socket, refusalOf(fault))
    else contain(handlers.onRequest(request, response), (request as IncomingMessage).socket)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const fault = headFault(request)
    if (fault !== undefined) part(socket, refusalOf(fault))
    else contain(handlers.onUpgrade(request, socket, head), socket)
  })
  server.on('clientError', handlers.onUnread)
  server.on('sessionError', () => {})
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    handlers.onHandshakeError?.()
    const below = error.code === 'ERR_SSL_HTTP_REQUEST' ? connections.below(socket) : undefined
    if (below !== undefined) part(below, NOT_ENCRYPTED)
  })
  server.on('session', (session) => {
    session.on('error', () => {})
    endWhenFlooded(session)
    endWhenIdle(session, limits, connections.below(session.socket))
  })
  await listening(server, { host, port })
  server.on('error', () => {})
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        connections.closeAll()
      }),
  }
}

/** Requests that have had their turn. */
const begun = new WeakSet<object>()

/** A request that is taken back in the very turn that brought it is none. */
async function onStream(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  { onRequest }: HttpHandlers,
): Promise<void> {
  const { stream } = request
  await nextTurn()
  if (stream.destroyed) return
  begun.add(stream)
  endWhenAnswered(stream)
  await onRequest(request, response)
}

/** Ends a connection that takes back one request after the other (https://nvd.nist.gov/vuln/detail/CVE-2023-44487). */
function endWhenFlooded(session: ServerHttp2Session): void {
  let takenBack = 0
  session.on('stream', (stream) =>
    stream.once('close', () => {
      if (!begun.has(stream) && ++takenBack > MAX_TAKEN_BACK) session.destroy(undefined, ENHANCE_YOUR_CALM)
    }),
  )
}
