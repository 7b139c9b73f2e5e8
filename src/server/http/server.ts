/** The HTTPS server: HTTP/2 and HTTP/1.1 on one port (https://kubernetes.io/docs/concepts/security/controlling-access/#transport-security). */

import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ListenOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** PEM. */
  readonly certificate: string
  readonly key: string
  /** The authority whose client certificates count. */
  readonly clientCa: string
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
  ) => void
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** One client may have so many requests open on a connection, watches included. */
const MAX_STREAMS = 100
const MAX_HEADERS = 64 * 1024
const IDLE_MS = 120_000

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
  const { host, port, certificate, key, clientCa } = options
  const server = createSecureServer({
    cert: certificate,
    key,
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    allowHTTP1: true,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    maxHeaderListPairs: 200,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADERS, initialWindowSize: 256 * 1024 },
    // Known to the HTTP/1 side only.
    ...({
      keepAliveTimeout: IDLE_MS,
      requestTimeout: 60_000,
      headersTimeout: 30_000,
      maxHeaderSize: MAX_HEADERS,
    } as object),
  })
  const sockets = trackSockets(server)
  server.on('request', handlers.onRequest)
  server.on('upgrade', handlers.onUpgrade)
  server.on('sessionError', () => {})
  server.on('tlsClientError', () => {})
  server.on('session', (session) => session.on('error', () => {}))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', () => {})
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function trackSockets(server: Http2SecureServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}
