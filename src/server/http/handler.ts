/** One HTTP request from its first byte to its last: who, what, may they, do it, answer. */

import type { ServerResponse } from 'node:http'
import { inSteps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { badRequest, hasReason } from '../../meta/errors.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import type { Impersonation } from '../authn/impersonation.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { RequestContext } from '../core.ts'
import type { FlowControl, Leave } from '../flowcontrol/flow-control.ts'
import type { ReadYaml } from '../../wire/yaml/beside.ts'
import { demandVerb, methodNotAllowed, notFoundPath } from '../verbs/attributes.ts'
import { isLarge } from '../verbs/give-way.ts'
import { perform, type Performer } from '../verbs/perform.ts'
import type { Auditor } from '../audit/audit.ts'
import { askedAuditId, beginAudit, demandRecord, holdForRecord, recordHead, recordUnknown } from '../audit/begin.ts'
import { recordAnswer, recordRequest } from '../audit/bodies.ts'
import { actingAs, demandAccess, identify } from './admit.ts'
import type { HttpRequest } from './body.ts'
import { encodeContext } from './encode-context.ts'
import { answerInSteps } from './encode-answer.ts'
import { isHealthPath } from '../../base/health.ts'
import { allottedMs, defaultLimits, outOfTime, type RequestLimits, WAITING_PART } from './limits.ts'
import { negotiate, NO_TABLE } from './negotiate.ts'
import { wantsPretty } from './pretty.ts'
import { isApplyPatch, readRequest } from './read-request.ts'
import { contextOf } from './request-context.ts'
import type { CountedRequest, RequestMetrics } from './request-metrics.ts'
import { isLongRunning, type RequestPath, type ResourceRequest } from './request-info.ts'
import { type AnswerHead, headersOf, send, sendError, sendText } from './respond.ts'
import { serveWatch } from './serve-watch.ts'
import { takeSeats } from './take-seats.ts'
import type { HttpResponse } from './watch-stream.ts'
import { Warnings } from './warnings.ts'

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

const TRANSFORMED: ReadonlySet<string> = new Set(['', 'status', 'scale'])

/** Verbs of writes whose fields are validated. */
const VALIDATED: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/** A resource with none of these, such as a review, has no objects to name. */
const NAMED_VERBS = ['get', 'update', 'patch', 'delete'] as const

const NO_PAGE = { code: 404, text: '404 page not found\n' }

/** The server's request listener. */
export function createHandler(deps: HandlerDeps) {
  const limits = deps.limits ?? defaultLimits
  const { metrics } = deps
  return async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    const warnings = new Warnings()
    const auditId = askedAuditId(request)
    const isPretty = wantsPretty(request)
    const out = response as ServerResponse
    const head: AnswerHead = {
      auditId: auditId || deps.core.random.uuid(),
      warnings,
      flow: undefined,
      isPretty,
      audit: undefined,
      isDenied: false,
    }
    const ends: (() => void)[] = []
    const began = deps.core.clock.monotonic()
    let counted: CountedRequest | undefined
    try {
      const known = await identify(deps, request, (text) => warnings.add(text))
      metrics?.access.identified(true, (deps.core.clock.monotonic() - began) / 1000)
      const audit = beginAudit(deps.audit, { request, auditId: head.auditId, user: known.user })
      head.audit = audit
      if (audit?.accepted !== undefined) {
        await demandRecord(audit.accepted)
        holdForRecord(audit, response)
      }
      if (audit !== undefined) ends.push(() => void audit.completed(out.headersSent ? out.statusCode : undefined))
      head.isDenied = true
      const asked = actingAs(deps, request, known)
      head.isDenied = false
      const { info, user, path } = asked
      if (user !== known.user) audit?.actsAs(user, asked.constraint)
      const isEndless = isLongRunning(info)
      if (isEndless && audit !== undefined) recordHead(audit, response)
      let waitMs = limits.requestMs * WAITING_PART
      if (!isEndless) {
        const allotted = allottedMs(path.query, limits.requestMs)
        ends.push(deps.core.clock.after(allotted, () => sendError(request, response, outOfTime(), head)))
        waitMs = allotted * WAITING_PART
      }
      let leave: Leave | undefined
      if (!isEndless || info.verb === 'watch') {
        const taken = takeSeats(deps.flows, { request, response, asked, head, waitMs })
        leave = taken instanceof Promise ? await taken : taken
        if (leave === undefined) return
        ends.push(leave)
      }
      head.isDenied = true
      const judged = deps.core.clock.monotonic()
      demandAccess(deps.authorizer, asked, (decision) => {
        metrics?.access.authorized(decision.isAllowed, (deps.core.clock.monotonic() - judged) / 1000)
        audit?.decided(decision)
      })
      head.isDenied = false
      if (!info.isResource) {
        if (isHealthPath(info.path)) counted = { info, isApply: false, isDryRun: false }
        if (!(await deps.paths(request, response, path, head))) sendText(request, response, NO_PAGE, head)
        return
      }
      if (info.group !== '' && !deps.core.resources.hasGroup(info.group)) {
        sendText(request, response, NO_PAGE, head)
        return
      }
      const context = contextOf(deps.core.resources, { request, info, user, warnings, annotate: audit?.annotate })
      // Kubernetes routes no HEAD to resources, only on to what it is a proxy for.
      if (request.method === 'HEAD' && info.subresource !== 'proxy') throw methodNotAllowed()
      // Of what is not served nothing is counted: there is no end of names.
      if (info.subresource === '' || context.resource.subresources.has(info.subresource)) {
        const isApply = info.verb === 'patch' && isApplyPatch(request)
        const fieldValidation = VALIDATED.has(info.verb) ? (path.query.get('fieldValidation') ?? '') : undefined
        counted = { info, isApply, isDryRun: path.query.has('dryRun'), fieldValidation }
        if (context.resource.meaning.deprecation !== undefined) metrics?.deprecated(info, info.subresource)
      }
      if (isEndless && counted !== undefined && metrics !== undefined) ends.push(metrics.lasts(counted))
      const connect = deps.connect.get(`${context.resource.key}/${info.subresource}`)
      if (connect !== undefined && (info.depth === 0 || info.subresource === 'proxy')) {
        const isProxied = info.subresource === 'proxy' && request.method === 'OPTIONS'
        if (info.verb === 'list') demandNames(context, info)
        if (!isProxied) demandVerb(context, info.verb)
        demandNames(context, info)
        for (const [name, value] of Object.entries(headersOf(head))) (response as ServerResponse).setHeader(name, value)
        await connect(request, response, context, { ...info, query: path.query })
        return
      }
      if (info.depth > 0) throw notFoundPath()
      if (info.verb === 'watch') {
        ends.push(deps.flows.watches.add(info, path.query))
        await serveWatch(deps, { request, response, context, path, head, leave })
        return
      }
      demandTarget(context, info)
      const { accept } = request.headers
      const hasTable = context.resource.verbs.has('get') && TRANSFORMED.has(info.subresource)
      const form = negotiate(accept, hasTable ? undefined : NO_TABLE, info.verb === 'list' ? 'list' : 'object')
      const apiRequest = await readRequest(request, info, path.query, { context, readYaml: deps.readYaml })
      if (audit !== undefined) recordRequest(audit, context, apiRequest, deps.core.clock.now())
      const bodyLength = 'body' in apiRequest ? apiRequest.body.source?.bytes?.length : undefined
      if (bodyLength !== undefined) metrics?.sizes.body(info, bodyLength)
      const isBodyLarge = isLarge(bodyLength)
      const answer = await perform(deps, isBodyLarge ? { ...context, isLarge: true } : context, apiRequest)
      const code = answer.form === 'list' ? 200 : answer.code
      const encoding = encodeContext(context, form, path.query, deps.core.clock.now())
      if (audit !== undefined) recordAnswer(audit, answer, encoding)
      const encoded = await inSteps(answerInSteps(answer, encoding), answer.form === 'list' ? nextTurn : undefined)
      if (metrics !== undefined && counted !== undefined && (info.verb === 'get' || info.verb === 'list')) {
        if (answer.form === 'list') metrics.sizes.list(info, answer.list.items.length)
        metrics.read(counted, encoded.body.length)
      }
      await send(request, response, code, encoded, head)
    } catch (error) {
      if (hasReason(error, 'Unauthorized')) {
        metrics?.access.identified(false, (deps.core.clock.monotonic() - began) / 1000)
        recordUnknown(deps.audit, request, head.auditId, error)
      }
      sendError(request, response, error, head)
      logFailure(deps, request, error)
    } finally {
      for (const end of ends) end()
      if (counted !== undefined)
        metrics?.answered(counted, out.statusCode, (deps.core.clock.monotonic() - began) / 1000)
    }
  }
}

function logFailure({ core }: HandlerDeps, { method, url }: HttpRequest, error: unknown): void {
  if (error instanceof Error && error.name === 'ApiError') return
  core.log.error('a request failed inside the server', { method, url, error })
}

/** Refuses methods on the wrong kind of path, in the router's words. */
function demandTarget(context: RequestContext, info: ResourceRequest): void {
  const { verb, namespace, name, subresource } = info
  const { resource } = context
  const isPlaced = namespace !== '' || info.hasEmptyNamespace === true
  if (!resource.namespaced && isPlaced && resource.key !== 'v1/namespaces') throw notFoundPath()
  if (subresource !== '') {
    if (!resource.subresources.has(subresource)) throw notFoundPath()
    if (resource.namespaced && !isPlaced) throw notFoundPath()
    // Without a name a read is none of one object, and still of a part of one.
    if (verb !== 'list') demandVerb(context, verb)
    demandNames(context, info)
    demandVerb(context, verb)
    return
  }
  // What is created in no namespace is judged: it lacks one.
  const isJudged = info.hasEmptyNamespace === true && verb === 'create'
  if (resource.namespaced && namespace === '' && verb !== 'list' && verb !== 'watch' && !isJudged) {
    if (name !== '' && isPlaced) demandVerb(context, verb)
    demandNames(context, info)
    throw name === '' ? methodNotAllowed() : notFoundPath()
  }
  if (name !== '' && !NAMED_VERBS.some((one) => resource.verbs.has(one))) throw notFoundPath()
  if (name === '' ? verb === 'update' || verb === 'patch' : verb === 'create') throw methodNotAllowed()
  demandVerb(context, verb)
}

/** Refuses paths in which a name is missing between two slashes. */
function demandNames({ resource }: RequestContext, info: ResourceRequest): void {
  const { name, subresource, hasEmptyNamespace } = info
  if (name === '' && subresource !== '') throw badRequest('name must be provided')
  if (resource.namespaced && hasEmptyNamespace === true && name !== '')
    throw badRequest('Namespace parameter required.')
}
