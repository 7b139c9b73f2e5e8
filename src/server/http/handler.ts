/** One HTTP request from its first byte to its last: who, what, may they, do it, answer. */

import type { ServerResponse } from 'node:http'
import { inSteps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import type { UserInfo } from '../../client/user.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import type { Impersonation } from '../authn/impersonation.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { RequestContext } from '../core.ts'
import type { FlowControl, Leave } from '../flowcontrol/flow-control.ts'
import type { ReadYaml } from '../../wire/yaml/beside.ts'
import { methodNotAllowed, notFoundPath } from '../verbs/attributes.ts'
import { isLarge } from '../verbs/give-way.ts'
import { perform, type Performer } from '../verbs/perform.ts'
import type { Auditor } from '../audit/audit.ts'
import { beginAudit, demandRecord, holdForRecord, recordHead } from '../audit/begin.ts'
import { recordAnswer, recordRequest } from '../audit/bodies.ts'
import { actingAs, type ActingRequest, demandAccess, identify } from './admit.ts'
import type { HttpRequest } from './request/body.ts'
import { demandConnection, demandTarget } from './request/demand-target.ts'
import { encodeContext } from './answer/encode-context.ts'
import { answerInSteps, isLong } from './answer/encode-answer.ts'
import { beginExchange, endExchange, type Exchange, refuse, secondsSince } from './exchange.ts'
import { isHealthPath } from '../../base/health.ts'
import { allottedMs, defaultLimits, outOfTime, type RequestLimits, WAITING_PART } from './limits.ts'
import { negotiate, NO_TABLE } from './answer/negotiate.ts'
import { isTabular } from './answer/tabular.ts'
import { isApplyPatch, readRequest } from './request/read-request.ts'
import { contextOf } from './request/request-context.ts'
import type { RequestMetrics } from './metrics/request-metrics.ts'
import { isLongRunning, type RequestPath, type ResourceRequest } from './request/request-info.ts'
import { type AnswerHead, headersOf, send, sendError, sendText } from './answer/respond.ts'
import { serveWatch } from './watch/serve-watch.ts'
import { takeSeats } from './take-seats.ts'
import type { HttpResponse } from './watch/watch-stream.ts'

/** Answers paths that are no resources; false: not its path. */
export type PathHandler = (
  request: HttpRequest,
  response: HttpResponse,
  path: RequestPath,
  head: AnswerHead,
) => Promise<boolean>

/** Carries out requests that end in another program: logs, exec, proxies. */
export type ConnectHandler = (
  request: HttpRequest,
  response: HttpResponse,
  context: RequestContext,
  target: ResourceRequest & { readonly query: URLSearchParams },
) => Promise<void>

export interface HandlerDeps extends Performer {
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
  readonly impersonation: Impersonation
  readonly paths: PathHandler
  readonly flows: FlowControl
  /** By resource key and subresource, `v1/pods/log`. */
  readonly connect: ReadonlyMap<string, ConnectHandler>
  /** Absent: what suits one machine. */
  readonly limits?: RequestLimits
  /** Absent: nobody asks how many requests there were. */
  readonly metrics?: RequestMetrics
  /** Absent: all YAML is read at once. */
  readonly readYaml?: ReadYaml
  /** Absent: nothing is recorded. */
  readonly audit?: Auditor | undefined
}

/** Verbs of writes whose fields are validated. */
const VALIDATED: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

const NO_PAGE = { code: 404, text: '404 page not found\n' }

/** The server's request listener. */
export function createHandler(deps: HandlerDeps) {
  return async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    const exchange = beginExchange(deps, request, response)
    try {
      await answer(deps, exchange)
    } catch (error) {
      await refuse(deps, exchange, error)
    } finally {
      endExchange(deps, exchange)
    }
  }
}

async function answer(deps: HandlerDeps, exchange: Exchange): Promise<void> {
  const asked = await arrive(deps, exchange)
  const turn = takeTurn(deps, exchange, asked)
  const leave = turn instanceof Promise ? await turn : turn
  if (leave === undefined) return
  permit(deps, exchange, asked)
  const { info, path } = asked
  if (!info.isResource) {
    if (isHealthPath(info.path)) exchange.counted = { info, isApply: false, isDryRun: false }
    const { request, response, head } = exchange
    if (!(await deps.paths(request, response, path, head))) sendText(request, response, NO_PAGE, head)
  } else if (info.group !== '' && !deps.core.resources.hasGroup(info.group)) {
    sendText(exchange.request, exchange.response, NO_PAGE, exchange.head)
  } else {
    await answerResource(deps, exchange, { info, path, user: asked.user, leave })
  }
}

/** Finds out who asks for what, and as whom, and begins its record. */
async function arrive(
  deps: HandlerDeps,
  { request, response, head, warnings, began, ends }: Exchange,
): Promise<ActingRequest> {
  const known = await identify(deps, request, (text) => warnings.add(text))
  deps.metrics?.access.identified(true, secondsSince(deps.core.clock, began))
  const audit = beginAudit(deps.audit, { request, auditId: head.auditId, user: known.user })
  head.audit = audit
  if (audit?.accepted !== undefined) {
    await demandRecord(deps.audit, audit.accepted)
    holdForRecord(audit, response)
  }
  const out = response as ServerResponse
  if (audit !== undefined) ends.push(() => void audit.completed(out.headersSent ? out.statusCode : undefined))
  head.isDenied = true
  const asked = actingAs(deps, request, known)
  head.isDenied = false
  if (asked.user !== known.user) audit?.actsAs(asked.user, asked.constraint)
  if (audit !== undefined && isLongRunning(asked.info)) recordHead(audit, response)
  return asked
}

/** Sets a request's deadline and waits for its turn. Undefined: it is put off, and its client knows. */
function takeTurn(
  deps: HandlerDeps,
  exchange: Exchange,
  asked: ActingRequest,
): Leave | undefined | Promise<Leave | undefined> {
  const { request, response, head, ends } = exchange
  const { requestMs } = deps.limits ?? defaultLimits
  const isEndless = isLongRunning(asked.info)
  const allotted = isEndless ? requestMs : allottedMs(asked.path.query, requestMs)
  if (!isEndless) ends.push(deps.core.clock.after(allotted, () => sendError(request, response, outOfTime(), head)))
  else if (asked.info.verb !== 'watch') return noSeats
  const taken = takeSeats(deps.flows, { request, response, asked, head, waitMs: allotted * WAITING_PART })
  return taken instanceof Promise ? taken.then((leave) => kept(ends, leave)) : kept(ends, taken)
}

/** What goes on for as long as its reader likes takes no seats. */
const noSeats: Leave = () => {}

/** Seats are given back at the end at the latest. */
function kept(ends: Exchange['ends'], leave: Leave | undefined): Leave | undefined {
  if (leave !== undefined) ends.push(leave)
  return leave
}

/** Throws `Forbidden` unless the caller may ask for this. */
function permit({ core, authorizer, metrics }: HandlerDeps, { head }: Exchange, asked: ActingRequest): void {
  head.isDenied = true
  const began = core.clock.monotonic()
  demandAccess(authorizer, asked, (decision) => {
    metrics?.access.authorized(decision.isAllowed, secondsSince(core.clock, began))
    head.audit?.decided(decision)
  })
  head.isDenied = false
}

/** A request to a resource, whose turn it is. */
interface PermittedRequest {
  readonly info: ResourceRequest
  readonly path: RequestPath
  readonly user: UserInfo
  readonly leave: Leave
}

async function answerResource(deps: HandlerDeps, exchange: Exchange, asked: PermittedRequest): Promise<void> {
  const { request, response, head, warnings, ends } = exchange
  const { info, path, user, leave } = asked
  const annotate = head.audit?.annotate
  const context = contextOf(deps.core.resources, { request, info, user, warnings, annotate })
  // Kubernetes routes no HEAD to resources, only on to what it is a proxy for.
  if (request.method === 'HEAD' && info.subresource !== 'proxy') throw methodNotAllowed()
  count(deps, exchange, { context, info, path })
  const connect = deps.connect.get(`${context.resource.key}/${info.subresource}`)
  if (connect !== undefined && (info.depth === 0 || info.subresource === 'proxy')) {
    demandConnection(request, context, info)
    for (const [name, value] of Object.entries(headersOf(head))) (response as ServerResponse).setHeader(name, value)
    await connect(request, response, context, { ...info, query: path.query })
  } else if (info.depth > 0) {
    throw notFoundPath()
  } else if (info.verb === 'watch') {
    ends.push(deps.flows.watches.add(info, path.query))
    await serveWatch(deps, { request, response, context, path, head, leave })
  } else {
    await answerObject(deps, exchange, { context, info, path })
  }
}

/** A request to a resource that is served. */
interface ServedRequest {
  readonly context: RequestContext
  readonly info: ResourceRequest
  readonly path: RequestPath
}

/** Counts a request. Of what is not served nothing is counted: there is no end of names. */
function count({ metrics }: HandlerDeps, exchange: Exchange, { context, info, path }: ServedRequest): void {
  const { resource } = context
  if (info.subresource !== '' && !resource.subresources.has(info.subresource)) return
  const isApply = info.verb === 'patch' && isApplyPatch(exchange.request)
  const fieldValidation = VALIDATED.has(info.verb) ? (path.query.get('fieldValidation') ?? '') : undefined
  const counted = { info, isApply, isDryRun: path.query.has('dryRun'), fieldValidation }
  exchange.counted = counted
  if (resource.meaning.deprecation !== undefined) metrics?.deprecated(info, info.subresource)
  if (metrics !== undefined && isLongRunning(info)) exchange.ends.push(metrics.lasts(counted))
}

/** Reads or changes objects, and answers with what came of it. */
async function answerObject(
  deps: HandlerDeps,
  exchange: Exchange,
  { context, info, path }: ServedRequest,
): Promise<void> {
  const { request, response, head, counted } = exchange
  const { core, metrics } = deps
  demandTarget(context, info)
  const form = negotiate(
    request.headers.accept,
    isTabular(context.resource, info.subresource) ? undefined : NO_TABLE,
    info.verb === 'list' ? 'list' : 'object',
  )
  const apiRequest = await readRequest(request, info, path.query, { context, readYaml: deps.readYaml })
  if (head.audit !== undefined) recordRequest(head.audit, context, apiRequest, core.clock.now())
  const bodyLength = 'body' in apiRequest ? apiRequest.body.source?.bytes?.length : undefined
  if (bodyLength !== undefined) metrics?.sizes.body(info, bodyLength)
  const result = await perform(deps, isLarge(bodyLength) ? { ...context, isLarge: true } : context, apiRequest)
  const code = result.form === 'list' ? 200 : result.code
  const encoding = encodeContext(context, form, path.query, core.clock.now())
  if (head.audit !== undefined) recordAnswer(head.audit, result, encoding)
  const encoded = await inSteps(answerInSteps(result, encoding), isLong(result) ? nextTurn : undefined)
  if (metrics !== undefined && counted !== undefined && (info.verb === 'get' || info.verb === 'list')) {
    if (result.form === 'list') metrics.sizes.list(info, result.list.items.length)
    metrics.read(counted, encoded.body.length)
  }
  await send(request, response, code, encoded, head)
}
