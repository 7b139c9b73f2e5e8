/** Paths that are no resources: health, discovery, versions, metrics. */

import type { ServerResponse } from 'node:http'
import { processStartSeconds } from '../../base/metrics/process.ts'
import { withStability } from '../../base/metrics/stability.ts'
import { type Family, metricsText } from '../../base/metrics/text.ts'
import type { Clock } from '../../base/clock.ts'
import type { Discovery } from '../discovery/discovery.ts'
import type { DiscoveryAnswer, DiscoveryRequest } from '../discovery/document.ts'
import type { HttpRequest } from './request/body.ts'
import { JSON_TYPE } from './answer/encode.ts'
import { indented } from './answer/pretty.ts'
import { methodNotAllowed, notFoundPath } from '../verbs/attributes.ts'
import type { PathHandler } from './handler.ts'
import { health, type HealthCheck, HealthMetrics, healthPaths, isHealthPath } from '../../base/health.ts'
import type { ProfilePages } from '../profiling/pages.ts'
import { headersOf } from './answer/respond.ts'
import { encodeZpage, type Zpages } from './zpages.ts'

export interface PathDeps {
  readonly discovery: Discovery
  readonly checks: readonly HealthCheck[]
  /** What /metrics tell. */
  readonly metrics: () => Promise<readonly Family[]>
  /** What /statusz and /flagz tell. */
  readonly pages: Zpages
  readonly clock: Clock
  /** What is found below /debug/, and nowhere listed. */
  readonly dump: (path: string, query: URLSearchParams) => string | undefined
  readonly profiles: ProfilePages
}

export function pathHandler({ discovery, checks, metrics, pages, dump, profiles, clock }: PathDeps): PathHandler {
  const healthMetrics = new HealthMetrics()
  const began = String(processStartSeconds(clock.now()))
  const figures: Readonly<Record<string, () => readonly Family[] | Promise<readonly Family[]>>> = {
    '/metrics': async () => withStability(await metrics()),
    '/metrics/slis': () => healthMetrics.families(clock.now()),
  }
  const groups = new Set(['/api', ...discovery.paths])
  const isOfKnownGroup = (path: string) => isOfGroup(path) && groups.has(groupPath(path))
  return async (request, response, { path, query }, head) => {
    const out = response as ServerResponse
    const send = (code: number, headers: Readonly<Record<string, string>>, body: string | Buffer) => {
      out.writeHead(code, { ...headersOf(head), ...headers, 'content-length': String(Buffer.byteLength(body)) })
      out.end(request.method === 'HEAD' ? undefined : body)
      return true
    }
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const well = health(path, query, checks, healthMetrics)
    if (well !== undefined) {
      // Whatever the method, as Kubernetes has it.
      const isPlain = well.status === 200 && !isHealthPath(path)
      const headers = { 'content-type': 'text/plain; charset=utf-8' }
      return send(well.status, isPlain ? headers : { ...headers, 'x-content-type-options': 'nosniff' }, well.body)
    }
    const page = pages.get(path)
    if (page !== undefined) {
      // Whatever the method, as Kubernetes has it.
      const { contentType, body } = encodeZpage(page(), request.headers.accept)
      return send(200, { 'content-type': contentType }, body)
    }
    const dumped = path.startsWith('/debug/') ? dump(path, query) : undefined
    if (dumped !== undefined) return send(200, { 'content-type': 'text/plain; charset=utf-8' }, dumped)
    const profile = path.startsWith('/debug/')
      ? await unlessGone(out, (signal) => profiles(path, query, signal))
      : undefined
    if (profile === 'gone') return true
    if (profile !== undefined) return send(profile.status, profile.headers, profile.body)
    if (Object.hasOwn(figures, path)) {
      if (!isReading) throw methodNotAllowed()
      const text = metricsText((await figures[path]?.()) ?? [])
      return send(200, { 'content-type': METRICS_TYPE, 'process-start-time-unix': began }, text)
    }
    const found = await discovery.respond(discoveryRequest(request, path, query))
    if (found === undefined && (isOfKnownGroup(path) || path.startsWith('/version/'))) throw notFoundPath()
    if (found === undefined && path !== '/') return false
    if (!isReading && !ANY_METHOD.has(path)) throw methodNotAllowed()
    // Of these only GET is routed.
    if (request.method === 'HEAD' && (isOfGroup(path) || path === '/version')) throw methodNotAllowed()
    if (found !== undefined) {
      if (isDiscovery(path) && found.headers['content-encoding'] === undefined) {
        head.audit?.answers(() => found.body.toString('utf8').trimEnd())
      }
      const isForPeople = head.isPretty && !path.startsWith('/openapi/')
      return send(found.status, found.headers, isForPeople ? readable(found) : found.body)
    }
    const paths = [...discovery.paths, ...healthPaths(checks), ...Object.keys(figures), ...pages.keys()].toSorted()
    return send(200, { 'content-type': JSON_TYPE }, JSON.stringify({ paths }, null, 2))
  }
}

/** What `work` comes to, if anybody still waits for it: it is told when nobody does. */
export async function unlessGone<T>(
  response: ServerResponse,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'gone'> {
  if (response.socket?.destroyed !== false) return 'gone' // before one could be told
  const closing = new AbortController()
  const close = () => closing.abort()
  response.once('close', close)
  try {
    return await work(closing.signal)
  } catch (error) {
    if (closing.signal.aborted) return 'gone'
    throw error
  } finally {
    response.off('close', close)
  }
}

/** The text format, for names in which nothing needs an escape. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

function discoveryRequest({ headers }: HttpRequest, path: string, query: URLSearchParams): DiscoveryRequest {
  return {
    path,
    accept: headers.accept,
    acceptEncoding: headers['accept-encoding']?.toString(),
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    ifMatch: headers['if-match'],
    ifUnmodifiedSince: headers['if-unmodified-since'],
    range: headers.range?.toString(),
    ifRange: headers['if-range']?.toString(),
    hash: query.get('hash') ?? undefined,
  }
}

/** Answered the same by any method. */
const ANY_METHOD: ReadonlySet<string> = new Set(['/apis', '/apis/', '/openapi/v2'])

/** Whether a path is that of a version of the API, be there such a one or not. */
const isOfGroup = (path: string) => /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/?$/.test(path)

/** Whether a path is one of the documents that say what is served. */
const isDiscovery = (path: string) => /^\/apis?(?:\/|$)/.test(path)

const groupPath = (path: string) =>
  path
    .split('/')
    .slice(0, path.startsWith('/apis/') ? 3 : 2)
    .join('/')

const readable = ({ headers, body }: DiscoveryAnswer) =>
  indented({ contentType: headers['content-type'] ?? '', body }).body
