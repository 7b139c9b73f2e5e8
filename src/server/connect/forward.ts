/** Passes a request on to another program and its answer back: bytes, as they come, in both directions. */

import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { cutOff } from '../../base/async/part.ts'
import { type ApiError, serviceUnavailable } from '../../meta/errors.ts'
import { dialFailure, networkFailure } from '../../wire/network-failures.ts'
import type { HttpRequest } from '../http/request/body.ts'
import type { HttpResponse } from '../http/watch/watch-stream.ts'
import type { KubeletAccess } from '../options.ts'
import type { ConnectTarget } from './target.ts'

/** Headers that are about one connection, or about who the caller is: neither is passed on. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-remote-group',
  'x-remote-uid',
  'x-remote-user',
])
/** The same, by how they begin. */
const OWN_PREFIXES = [':', 'impersonate-', 'x-remote-extra-'] as const
const CONNECT_MS = 30_000
const MAX_REFUSAL_LENGTH = 4096

type Headers = Readonly<Record<string, string | string[]>>

interface Outgoing {
  readonly method: string
  readonly headers: Headers
}

function open(target: ConnectTarget, outgoing: Outgoing, kubelets: KubeletAccess | undefined): ClientRequest {
  const { scheme } = target
  if (scheme === 'http') return dialled(httpRequest(dialOptions(target, outgoing)), 'connect')
  const options = dialOptions(target, outgoing)
  // As Kubernetes: the proxied have no names.
  if (scheme === 'https')
    return dialled(httpsRequest({ ...options, servername: '', rejectUnauthorized: false }), 'secureConnect')
  if (kubelets === undefined) throw serviceUnavailable('this server has no credentials for kubelets')
  const { certificate, key, ca } = kubelets
  // The certificate is the host's that is dialled, whatever the header `Host` says.
  const servername = isIP(options.host) === 0 ? options.host : ''
  return dialled(httpsRequest({ ...options, servername, cert: certificate, key, ca }), 'secureConnect')
}

const dialOptions = ({ host, port, path }: ConnectTarget, outgoing: Outgoing) => ({
  host,
  port,
  path,
  ...outgoing,
  agent: false as const,
  timeout: CONNECT_MS,
})

/** Who has answered the call may take as long as they like for what they say. */
function dialled(request: ClientRequest, connected: 'connect' | 'secureConnect'): ClientRequest {
  return request.once('socket', (socket) => socket.once(connected, () => request.setTimeout(0)))
}

function passedOn(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  const ofConnection = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  for (const [name, value] of Object.entries(headers)) {
    const isOwn = OWN_HEADERS.has(name) || OWN_PREFIXES.some((prefix) => name.startsWith(prefix))
    if (value !== undefined && !isOwn && !ofConnection.includes(name)) kept[name] = value
  }
  return kept
}

/** What becomes of an answer that is no success; absent: it is passed on as it is. */
export type JudgeRefusal = (code: number, text: string) => ApiError

/** An answer on its way to the client: its headers, and its bytes with what they go through. */
export interface PassedAnswer {
  readonly headers: Headers
  readonly body: readonly (Readable | Duplex)[]
}

export interface ForwardOptions {
  readonly kubelets: KubeletAccess | undefined
  readonly judge?: JudgeRefusal
  /** Headers that the target gets besides the client's, or instead of them. */
  readonly headers?: Headers
  /** What the client gets of an answer; absent: all of it as it is. */
  readonly passAnswer?: (answer: IncomingMessage, headers: Headers) => Promise<PassedAnswer>
}

/** Sends the request to `target` and its answer to the client. Throws before anything is answered when nobody is there. */
export async function forward(
  request: HttpRequest,
  response: HttpResponse,
  target: ConnectTarget,
  options: ForwardOptions,
): Promise<void> {
  const out = response as ServerResponse
  const method = request.method ?? 'GET'
  const headers = { ...passedOn(request.headers), ...framing(request), ...options.headers }
  const upstream = open(target, { method, headers }, options.kubelets)
  out.once('close', () => upstream.destroy())
  request.pipe(upstream)
  const answer = await answerOf(upstream, target, options.judge)
  const answered = passedOn(answer.headers)
  const passed = (await options.passAnswer?.(answer, answered)) ?? { headers: answered, body: [answer] }
  for (const [name, value] of Object.entries(passed.headers)) {
    const own = out.getHeader(name)
    out.setHeader(name, own === undefined ? value : `${String(own)}, ${String(value)}`)
  }
  out.writeHead(answer.statusCode ?? 502)
  out.flushHeaders?.()
  try {
    await pipeline([...passed.body, out])
  } catch {
    // One of the two went away: there is nobody left to tell.
    out.destroy()
  }
}

/** A body of unknown length is framed whatever the method: or it would pass for another request. */
function framing(request: HttpRequest): Headers {
  if (request.headers['content-length'] !== undefined) return {}
  const hasBody = 'stream' in request ? !request.stream.endAfterHeaders : 'transfer-encoding' in request.headers
  return hasBody ? { 'transfer-encoding': 'chunked' } : {}
}

/** What `target` answers to a GET: its bytes as they come, until `signal`. Throws when nobody is there, or what `judge` says. */
export async function ask(target: ConnectTarget, options: ForwardOptions, signal: AbortSignal): Promise<Readable> {
  const upstream = open(target, { method: 'GET', headers: {} }, options.kubelets)
  signal.addEventListener('abort', () => upstream.destroy(), { once: true })
  upstream.end()
  return answerOf(upstream, target, options.judge)
}

async function answerOf(
  upstream: ClientRequest,
  target: ConnectTarget,
  judge: JudgeRefusal | undefined,
): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve)
    upstream.once('error', (cause) => reject(unreachable(target, cause)))
    upstream.once('timeout', () => upstream.destroy(new Error(dialFailure(target, 'i/o timeout'))))
  })
  upstream.setTimeout(0)
  const code = answer.statusCode ?? 502
  if (judge !== undefined && (code < 200 || code > 206)) throw judge(code, await refusalText(answer))
  return answer
}

/** What a refusal says, as far as a person would read. */
async function refusalText(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  for await (const chunk of answer) {
    text += chunk
    if (text.length > MAX_REFUSAL_LENGTH) break
  }
  return text.slice(0, MAX_REFUSAL_LENGTH).trim()
}

function unreachable(target: ConnectTarget, cause: Error) {
  const isNoTls = 'code' in cause && cause.code === 'EPROTO'
  const why = isNoTls ? 'tls: first record does not look like a TLS handshake' : networkFailure(target, cause)
  return serviceUnavailable(`error trying to reach service: ${why}`)
}

/** Joins a client that upgraded its connection with a program that accepts the same upgrade. */
export async function forwardUpgrade(
  request: IncomingMessage,
  client: { readonly socket: Duplex; readonly head: Buffer },
  target: ConnectTarget,
  { kubelets, headers: own }: ForwardOptions,
): Promise<void> {
  const { socket, head } = client
  const headers = {
    ...passedOn(request.headers),
    ...own,
    connection: 'Upgrade',
    upgrade: request.headers.upgrade ?? '',
    'content-length': '0',
  }
  // A websocket request must stay a GET; everything else the kubelet takes as it comes.
  const upstream = open(target, { method: request.method ?? 'POST', headers }, kubelets)
  const joined = new Promise<void>((resolve, reject) => {
    upstream.once('error', (cause) => reject(unreachable(target, cause)))
    upstream.once('timeout', () => upstream.destroy(new Error(dialFailure(target, 'i/o timeout'))))
    upstream.once('response', (answer) => {
      socket.write(headOf(answer))
      answer.pipe(socket)
      resolve()
    })
    upstream.once('upgrade', (answer, other, first) => {
      other.setTimeout(0)
      socket.write(headOf(answer))
      if (first.length > 0) socket.write(first)
      if (head.length > 0) other.write(head)
      const part = () => {
        socket.destroy()
        other.destroy()
      }
      socket.on('error', part)
      other.on('error', part)
      socket.on('close', part)
      other.on('close', () => socket.end(() => cutOff(socket)))
      socket.pipe(other)
      other.pipe(socket)
      resolve()
    })
  })
  socket.once('close', () => upstream.destroy())
  upstream.end()
  await joined
}

/** The status line and headers of an answer, as bytes for a raw connection. */
function headOf({ statusCode = 502, statusMessage = '', rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
