/**
 * The kubelet's own HTTPS server
 * (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/).
 */

import https from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Log } from '../../base/log.ts'
import type { ServingOptions } from '../options.ts'
import type { Access } from './access.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import { refusedStream } from './refused-stream.ts'
import { routeRequest, type RouteDeps } from './routes.ts'
import { routeUpgrade } from './streams.ts'

export interface ServeDeps extends RouteDeps {
  readonly serving: ServingOptions
  readonly access: Access
  readonly port: number
  readonly host: string
  readonly log: Log
}

/** More than the API server takes over HTTP/1: the whole command of an exec stands in the path. Node's own limit is 16 KiB. */
const MAX_HEADERS = 64 * 1024

/** Serves until `signal` aborts; then cuts what is still open. */
export async function serveKubelet(deps: ServeDeps, signal: AbortSignal): Promise<void> {
  const { serving, log } = deps
  const server = https.createServer({
    cert: serving.certificate,
    key: serving.key,
    ca: serving.clientCa,
    requestCert: true,
    // Refused below with words, rather than in the handshake without.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    maxHeaderSize: MAX_HEADERS,
  })
  const sockets = new Set<Duplex>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', (error) => log.debug('a kubelet connection failed', { error }))
  })
  server.on('request', (request, response) => void answer(deps, request, response, signal))
  server.on('upgrade', (request, socket, head) => void upgrade(deps, { request, socket, head }, signal))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: deps.port, host: serving.host ?? deps.host }, () =>
      log.info('the kubelet serves', { port: deps.port }),
    )
    signal.addEventListener('abort', () => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
    if (signal.aborted) server.close(() => resolve())
  })
  signal.throwIfAborted()
}

/** The request in the kubelet's figures; the answer is called at its end. */
function counted({ api, clock }: ServeDeps, { method = '', url = '/', headers }: IncomingMessage): () => void {
  const from = clock.monotonic()
  const [path = '/'] = url.split('?', 1)
  const isWebSocket = headers.upgrade?.toLowerCase() === 'websocket'
  const ended = api.metrics.http.begun({ method, path, isWebSocket })
  return () => ended((clock.monotonic() - from) / 1000)
}

async function answer(
  deps: ServeDeps,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController()
  const ended = counted(deps, request)
  response.on('close', () => {
    gone.abort()
    ended()
  })
  try {
    const end = AbortSignal.any([signal, gone.signal])
    await deps.access.demand(request, end)
    await routeRequest(deps, { request, response }, end)
  } catch (error) {
    if (gone.signal.aborted || signal.aborted) return void response.destroy()
    if (response.headersSent) return void response.destroy(error instanceof Error ? error : undefined)
    const status = error instanceof KubeletRefusal ? error.status : 500
    if (status === 500) deps.log.warn('a kubelet request failed', { path: request.url, error })
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${error instanceof Error ? error.message : String(error)}\n`)
  }
}

async function upgrade(
  deps: ServeDeps,
  at: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  signal: AbortSignal,
): Promise<void> {
  at.socket.once('close', counted(deps, at.request))
  try {
    await deps.access.demand(at.request, signal)
    await routeUpgrade(deps, at, signal)
  } catch (error) {
    if (at.socket.destroyed) return
    deps.log.debug('a kubelet stream was refused', { path: at.request.url, error })
    at.socket.end(refusedStream(error))
  }
}
