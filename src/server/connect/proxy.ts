/**
 * The subresource `proxy` of Pods, Services and nodes: any request, passed on to them
 * (https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/).
 */

import type { ServerResponse } from 'node:http'
import type { ApiCore, RequestContext } from '../core.ts'
import type { HttpRequest } from '../http/request/body.ts'
import type { HttpResponse } from '../http/watch/watch-stream.ts'
import type { ForwardOptions, PassedAnswer } from './forward.ts'
import { isPage, type PagePlace, rewrittenPage, throughProxy } from './links.ts'
import { joined, proxiedPath, proxyPrefix } from './proxied-path.ts'
import { proxyTarget } from './proxy-target.ts'
import type { ConnectTarget } from './target.ts'

/** What the client asked under the name of the proxied: the path as it was sent, and what of it is theirs. */
export interface ProxiedPath {
  readonly path: string
  readonly tail: string
}

/** A proxied request: whom it is passed on to, and how. */
export interface ProxiedRequest {
  readonly target: ConnectTarget
  readonly options: ProxyOptions
}

type ProxyOptions = Required<Pick<ForwardOptions, 'headers' | 'passAnswer'>>

/** Throws where the name leads nowhere. */
export async function proxied(
  core: ApiCore,
  context: RequestContext,
  request: HttpRequest,
  asked: ProxiedPath,
): Promise<ProxiedRequest> {
  const { authority, ...to } = await proxyTarget(core, context)
  const path = `${proxiedPath(asked.tail)}${searchOf(request)}`
  return { target: { ...to, path }, options: proxyOptions(request, asked, authority) }
}

/** How a request reaches the proxied at `authority`, and their answers the client. */
export function proxyOptions(request: HttpRequest, { path, tail }: ProxiedPath, authority: string): ProxyOptions {
  const prefix = proxyPrefix(path, tail)
  const requestHost = hostOf(request)
  const place: PagePlace = { prefix, requestHost, ownHost: authority }
  return {
    headers: {
      host: requestHost,
      'x-forwarded-for': forwardedFor(request),
      'x-forwarded-uri': joined(prefix, proxiedPath(tail)),
    },
    passAnswer: (answer, headers) => passAnswer({ answer, headers, method: request.method }, place),
  }
}

/** A page without a path has its links below the wrong one: its readers are sent on. `false`: this one is not without. */
export function sentToRoot(request: HttpRequest, response: HttpResponse, { path, tail }: ProxiedPath): boolean {
  if (tail !== '' || (request.method !== 'GET' && request.method !== 'HEAD')) return false
  const out = response as ServerResponse
  out.writeHead(301, { location: `${path}/${searchOf(request)}`, 'content-length': '0' })
  out.end()
  return true
}

type Answer = Parameters<NonNullable<ForwardOptions['passAnswer']>>[0]

async function passAnswer(
  { answer, headers, method }: { answer: Answer; headers: PassedAnswer['headers']; method: string | undefined },
  place: PagePlace,
): Promise<PassedAnswer> {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !CROSS_ORIGIN.has(name)))
  const { location } = answer.headers
  if (location !== undefined) return { headers: { ...kept, location: throughProxy(location, place) }, body: [answer] }
  if (method === 'HEAD' || !isPage(answer)) return { headers: kept, body: [answer] }
  const { 'content-length': _, ...pageHeaders } = kept
  return { headers: pageHeaders, body: await rewrittenPage(answer, place) }
}

/** Who may read the answers of this server is not for the proxied to say. */
const CROSS_ORIGIN: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
])

function hostOf({ headers }: HttpRequest): string {
  const authority = headers[':authority']
  return headers.host ?? (typeof authority === 'string' ? authority : '')
}

/** The query as it was sent, question mark included. */
function searchOf({ url = '' }: HttpRequest): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark)
}

function forwardedFor(request: HttpRequest): string {
  const before = request.headers['x-forwarded-for']
  const { remoteAddress = '' } = request.socket
  return [...(before === undefined ? [] : [before].flat()), remoteAddress].join(', ')
}
