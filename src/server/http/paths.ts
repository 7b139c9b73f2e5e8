/** Paths that are no resources: health, discovery, versions, metrics. */

import type { ServerResponse } from 'node:http'
import type { Discovery } from '../discovery/discovery.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import type { PathHandler } from './handler.ts'
import { health, type HealthCheck } from './health.ts'
import { headersOf } from './respond.ts'

export interface PathDeps {
  readonly discovery: Discovery
  readonly checks: readonly HealthCheck[]
  /** The text of /metrics. */
  readonly metrics: () => Promise<string>
}

export function pathHandler({ discovery, checks, metrics }: PathDeps): PathHandler {
  return async (request, response, { path, query }, head) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
    const out = response as ServerResponse
    const send = (code: number, headers: Record<string, string>, body: string | Buffer) => {
      out.writeHead(code, { ...headersOf(head), ...headers, 'content-length': String(Buffer.byteLength(body)) })
      out.end(request.method === 'HEAD' ? undefined : body)
      return true
    }
    const well = health(path, query, checks)
    if (well !== undefined) {
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
      return send(well.status, headers, well.body)
    }
    if (path === '/metrics') {
      return send(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, await metrics())
    }
    const { accept, 'if-none-match': ifNoneMatch } = request.headers
    const found = await discovery.respond({ path, accept, ifNoneMatch })
    if (found !== undefined) return send(found.status, found.headers, found.body)
    if (path === '/') {
      const paths = [
        '/api',
        '/api/v1',
        '/apis',
        '/healthz',
        '/livez',
        '/metrics',
        '/openapi/v2',
        '/openapi/v3',
        '/readyz',
        '/version',
      ]
      return send(200, { 'content-type': 'application/json' }, JSON.stringify({ paths }))
    }
    return false
  }
}
