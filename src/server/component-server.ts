/**
 * What the programs beside the API server tell of themselves on ports of their own: how they do, their figures, their
 * settings. Who asks is judged by the API server's own rules, as Kubernetes's programs have it judged by asking
 * (https://kubernetes.io/docs/reference/ports-and-protocols/).
 */

import type { ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { health, type HealthCheck, HealthMetrics, isHealthPath } from '../base/health.ts'
import { withStability } from '../base/metrics/stability.ts'
import { type Family, metricsText } from '../base/metrics/text.ts'
import type { Random } from '../base/random.ts'
import { type Flags, flagzPage, statuszPage } from '../base/zpages.ts'
import type { Authenticator } from './authn/authenticator.ts'
import type { Authorizer } from './authz/authorizer.ts'
import { demandAccess, identify } from './http/admit.ts'
import type { HttpRequest } from './http/request/body.ts'
import { JSON_TYPE } from './http/answer/encode.ts'
import { answerPlainly } from './http/plain-upgrade.ts'
import { wantsPretty } from './http/answer/pretty.ts'
import { type AnswerHead, sendError, sendText } from './http/answer/respond.ts'
import type { HttpHandlers } from './http/server.ts'
import { answerUnread } from './http/unread-requests.ts'
import type { HttpResponse } from './http/watch/watch-stream.ts'
import { encodeZpage } from './http/zpages.ts'
import { versionInfo } from './version.ts'

/** What one program tells. */
export interface Component {
  readonly name: string
  /** By the path that tells of them; what is missing is not served. */
  readonly checks: () => ReadonlyMap<string, readonly HealthCheck[]>
  readonly metrics: () => readonly Family[] | Promise<readonly Family[]>
  /** Its configuration, by the name that /configz has it under. */
  readonly configz: () => object
  readonly flags: Flags
}

export interface ComponentServerDeps {
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
  readonly clock: Clock
  readonly random: Random
}

const TEXT = 'text/plain; charset=utf-8'
const METRICS = 'text/plain; version=0.0.4; charset=utf-8'
const NO_PAGE = { code: 404, text: '404 page not found\n' }

interface Page {
  readonly type: string
  readonly body: string
}

/** Answers for one program. */
export function componentHandlers(component: Component, deps: ComponentServerDeps): HttpHandlers {
  const { authenticator, authorizer, clock, random } = deps
  const began = clock.monotonic()
  const healthMetrics = new HealthMetrics()
  const paths = ['/configz', '/flagz', '/metrics', ...component.checks().keys()].toSorted()
  const status = () => {
    const uptimeSeconds = (clock.monotonic() - began) / 1_000
    const facts = { component: component.name, version: versionInfo.gitVersion, paths }
    return statuszPage({ ...facts, now: clock.now(), uptimeSeconds })
  }
  const zpage = (page: ReturnType<typeof status>, accept: string | undefined): Page => {
    const { contentType, body } = encodeZpage(page, accept)
    return { type: contentType, body }
  }
  const pageAt = async (path: string, accept: string | undefined): Promise<Page | undefined> => {
    switch (path) {
      case '/metrics':
        return { type: METRICS, body: metricsText(withStability(await component.metrics())) }
      case '/metrics/slis':
        return { type: METRICS, body: metricsText(healthMetrics.families(clock.now())) }
      case '/configz':
        return { type: JSON_TYPE, body: JSON.stringify(component.configz()) }
      case '/statusz':
        return zpage(status(), accept)
      case '/flagz':
        return zpage(flagzPage(component.name, component.flags), accept)
      default:
        return undefined
    }
  }
  const answer = async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    const head: AnswerHead = { auditId: random.uuid(), isPretty: wantsPretty(request) }
    const out = response as ServerResponse
    const send = (code: number, { type, body }: Page) => {
      const headers = { 'content-type': type, 'cache-control': 'no-cache, private' }
      out.writeHead(code, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
      out.end(request.method === 'HEAD' ? undefined : body)
    }
    try {
      const asked = await identify({ authenticator }, request)
      const { path, query } = asked.path
      // How it does is for everybody.
      if (!isHealthPath(path)) demandAccess(authorizer, asked)
      const checks = component.checks().get(`/${path.split('/')[1] ?? ''}`)
      const well = checks === undefined ? undefined : health(path, query, checks, healthMetrics)
      const page = well === undefined ? await pageAt(path, request.headers.accept) : { type: TEXT, body: well.body }
      if (page === undefined) sendText(request, response, NO_PAGE, head)
      else send(well?.status ?? 200, page)
    } catch (error) {
      sendError(request, response, error, head)
    }
  }
  return {
    onRequest: answer,
    onUpgrade: (request, socket) => answerPlainly(request, socket, answer),
    onUnread: (error, socket) => answerUnread(error, socket, random.uuid()),
  }
}
