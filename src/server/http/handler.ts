/** One HTTP request from its first byte to its last: who, what, may they, do it, answer. */

import type { ServerResponse } from 'node:http'
import type { PatchType } from '../../client/transport.ts'
import type { UserInfo } from '../../client/user.ts'
import { ApiError, badRequest, hasReason, notAcceptable } from '../../meta/errors.ts'
import type { DeleteOptions } from '../../meta/types.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import { decodeOptions } from '../codec.ts'
import type { RequestContext } from '../core.ts'
import type { FlowControl, Leave } from '../flowcontrol/flow-control.ts'
import type { ReadYaml } from '../../wire/yaml/beside.ts'
import { readYamlBody } from '../../wire/yaml/parse.ts'
import { demandVerb, methodNotAllowed, notFoundPath } from '../verbs/attributes.ts'
import { isLarge } from '../verbs/give-way.ts'
import { type ApiRequest, perform, type Performer } from '../verbs/perform.ts'
import { watchObjects } from '../verbs/watch.ts'
import type { Annotate, Auditor } from '../audit/audit.ts'
import { askedAuditId, beginAudit, recordHead, recordUnknown } from '../audit/begin.ts'
import { recordAnswer, recordRequest } from '../audit/bodies.ts'
import { actingAs, demandAccess, identify } from './admit.ts'
import { type BodySource, type HttpRequest, mediaType, parseBody, parsePatch, readBytes } from './body.ts'
import { type EncodeContext, encodeAnswer, errorFrame, frameEncoder, JSON_TYPE } from './encode.ts'
import { isHealthPath } from '../../base/health.ts'
import { allottedMs, defaultLimits, outOfTime, type RequestLimits } from './limits.ts'
import { negotiate, NO_TRANSFORMS, type OutputForm } from './negotiate.ts'
import { wantsPretty } from './pretty.ts'
import { deleteOptions, listOptions, watchOptions, writeOptions } from './query.ts'
import type { CountedRequest, RequestMetrics } from './request-metrics.ts'
import { isLongRunning, type RequestPath, type ResourceRequest } from './request-info.ts'
import { type AnswerHead, headersOf, send, sendError, sendText, statusOf } from './respond.ts'
import { takeSeats } from './take-seats.ts'
import { type HttpResponse, watchStream } from './watch-stream.ts'
import type { WatchSink } from '../watchcache/watch-cache.ts'
import type { WatchFrame } from '../watchcache/watch-frame.ts'

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

const APPLY_TYPE = 'application/apply-patch+yaml'
const PATCH_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  [APPLY_TYPE, 'apply'],
])
const TRANSFORMED: ReadonlySet<string> = new Set(['', 'status', 'scale'])

/** A resource with none of these, such as a review, has no objects to name. */
const NAMED_VERBS = ['get', 'update', 'patch', 'delete'] as const

const STREAM_TYPES = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'

/** So much of its time a request may wait for its turn. */
const WAITING_PART = 1 / 4
const NO_PAGE = { code: 404, text: '404 page not found\n' }

/** The server's request listener. */
export function createHandler(deps: HandlerDeps) {
  const limits = deps.limits ?? defaultLimits
  const { metrics } = deps
  return async (request: HttpRequest, response: HttpResponse): Promise<void> => {
    const warnings: string[] = []
    const auditId = askedAuditId(request)
    const isPretty = wantsPretty(request)
    const out = response as ServerResponse
    const head: AnswerHead = { auditId: auditId || deps.core.random.uuid(), warnings, isPretty }
    const ends: (() => void)[] = []
    const began = deps.core.clock.monotonic()
    let counted: CountedRequest | undefined
    try {
      const known = await identify(deps, request, (text) => warnings.push(text))
      metrics?.identified(true)
      const audit = beginAudit(deps.audit, { request, auditId: head.auditId, user: known.user })
      head.audit = audit
      if (audit !== undefined) ends.push(() => audit.completed(out.headersSent ? out.statusCode : undefined))
      const asked = actingAs(deps, request, known)
      const { info, user, path } = asked
      if (user !== known.user) audit?.actsAs(user)
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
      demandAccess(deps.authorizer, asked, (decision) => {
        metrics?.authorized(decision.isAllowed)
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
      const context = contextOf(deps, { request, info, user, warnings, annotate: audit?.annotate })
      // Kubernetes routes no HEAD to resources, only on to what it is a proxy for.
      if (request.method === 'HEAD' && info.subresource !== 'proxy') throw methodNotAllowed()
      // Of what is not served nothing is counted: there is no end of names.
      if (info.subresource === '' || context.resource.subresources.has(info.subresource)) {
        const isApply = info.verb === 'patch' && mediaType(request.headers['content-type']) === APPLY_TYPE
        counted = { info, isApply, isDryRun: path.query.has('dryRun') }
        if (context.resource.meaning.deprecation !== undefined) metrics?.deprecated(info, info.subresource)
      }
      const connect = deps.connect.get(`${context.resource.key}/${info.subresource}`)
      if (connect !== undefined && (info.depth === 0 || info.subresource === 'proxy')) {
        const isProxied = info.subresource === 'proxy' && request.method === 'OPTIONS'
        if (!isProxied) demandVerb(context, info.verb)
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
      const form = negotiate(accept, hasTable ? undefined : NO_TRANSFORMS, info.verb === 'list' ? 'list' : 'object')
      const apiRequest = await readRequest(request, info, path.query, { context, readYaml: deps.readYaml })
      if (audit !== undefined) recordRequest(audit, context, apiRequest, deps.core.clock.now())
      const isBodyLarge = 'body' in apiRequest && isLarge(apiRequest.body.source?.bytes?.length)
      const answer = await perform(deps, isBodyLarge ? { ...context, isLarge: true } : context, apiRequest)
      const code = answer.form === 'list' ? 200 : answer.code
      const encoding = encodeContext(deps, context, form, path.query)
      if (audit !== undefined) recordAnswer(audit, answer, encoding)
      await send(request, response, code, encodeAnswer(answer, encoding), head)
    } catch (error) {
      if (hasReason(error, 'Unauthorized')) {
        metrics?.identified(false)
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

interface ContextParts {
  readonly request: HttpRequest
  readonly info: ResourceRequest
  readonly user: UserInfo
  readonly warnings: string[]
  readonly annotate?: Annotate | undefined
}

/** What the verbs are told of a request. Throws `NotFound` for a resource nobody serves. */
export function contextOf(
  deps: HandlerDeps,
  { request, info, user, warnings, annotate }: ContextParts,
): RequestContext {
  const { group, version, resource: name } = info
  const resource = deps.core.resources.find(group, version, name)
  if (resource === undefined) throw notFoundPath()
  const { deprecation } = resource.meaning
  // Of what cannot be done nothing else is said.
  const isServed = resource.verbs.has(info.verb) && request.method !== 'HEAD'
  if (deprecation !== undefined && isServed) {
    warnings.push(deprecation)
    annotate?.('k8s.io/deprecated', 'true')
  }
  return {
    user,
    resource,
    namespace: resource.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    userAgent: utf8Header(request.headers['user-agent'] ?? ''),
    warn: (text) => {
      if (warnings.length < 50 && !warnings.includes(text)) warnings.push(text.slice(0, 1_000))
    },
    ...(annotate === undefined ? {} : { annotate }),
  }
}

/** Node reads headers as Latin-1. */
function utf8Header(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value
}

/** Refuses methods on the wrong kind of path, in the router's words. */
function demandTarget(context: RequestContext, { verb, namespace, name, subresource }: ResourceRequest): void {
  const { resource } = context
  if (!resource.namespaced && namespace !== '' && resource.key !== 'v1/namespaces') throw notFoundPath()
  if (subresource !== '') {
    if (!resource.subresources.has(subresource)) throw notFoundPath()
    if (resource.namespaced && namespace === '') throw notFoundPath()
    demandVerb(context, verb)
    return
  }
  if (resource.namespaced && namespace === '' && verb !== 'list' && verb !== 'watch') {
    throw name === '' ? methodNotAllowed() : notFoundPath()
  }
  if (name !== '' && !NAMED_VERBS.some((one) => resource.verbs.has(one))) throw notFoundPath()
  if (name === '' ? verb === 'update' || verb === 'patch' : verb === 'create') throw methodNotAllowed()
  demandVerb(context, verb)
}

async function readRequest(
  request: HttpRequest,
  { verb }: ResourceRequest,
  query: URLSearchParams,
  { context, readYaml = readYamlBody }: { readonly context: RequestContext; readonly readYaml: ReadYaml | undefined },
): Promise<ApiRequest> {
  const contentType = request.headers['content-type']
  const source = async () => ({ bytes: await readBytes(request), contentType, readYaml })
  switch (verb) {
    case 'get':
      return { verb, resourceVersion: query.get('resourceVersion') ?? undefined }
    case 'list':
      return { verb, list: listOptions(query) }
    case 'create':
    case 'update': {
      const options = writeOptions(query, verb === 'create' ? 'CreateOptions' : 'UpdateOptions')
      const body = await parseBody(await source(), kindOf(context))
      return { verb, body, options }
    }
    case 'patch': {
      const type = PATCH_TYPES.get(mediaType(contentType))
      if (type === undefined) {
        const message = '415: Unsupported Media Type'
        throw new ApiError({ message, reason: 'UnsupportedMediaType', details: {}, code: 415 })
      }
      const options = writeOptions(query, 'PatchOptions')
      return { verb, type, body: await parsePatch(await source()), options }
    }
    case 'delete':
      return { verb, ...(await readDeleteOptions(await source(), query)) }
    case 'deletecollection':
      return { verb, list: listOptions(query), ...(await readDeleteOptions(await source(), query)) }
    default:
      throw methodNotAllowed()
  }
}

function kindOf({ resource, subresource }: RequestContext): string {
  return resource.subresources.get(subresource)?.kind ?? resource.kind
}

async function readDeleteOptions(
  source: BodySource,
  query: URLSearchParams,
): Promise<{ readonly options: DeleteOptions; readonly hasBody: boolean }> {
  if (source.bytes.length === 0) return { options: deleteOptions(query), hasBody: false }
  const { value } = await parseBody(source, 'DeleteOptions')
  return { options: decodeOptions(value, 'DeleteOptions') as DeleteOptions, hasBody: true }
}

function encodeContext(
  deps: HandlerDeps,
  { resource }: RequestContext,
  form: OutputForm,
  query: URLSearchParams,
): EncodeContext {
  const asked = query.get('includeObject') || 'Metadata'
  if (asked !== 'None' && asked !== 'Metadata' && asked !== 'Object') {
    const why = `Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`
    throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`)
  }
  return { resource, form, includeObject: asked, now: deps.core.clock.now() }
}

interface WatchExchange {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly context: RequestContext
  readonly path: RequestPath
  readonly head: AnswerHead
  /** Gives back its seats: of a watch only the beginning takes any. */
  readonly leave: Leave | undefined
}

/** A watch that is about to begin, in the form that its client asks for. */
export interface StartedWatch {
  readonly form: OutputForm
  readonly encode: (frame: WatchFrame) => Buffer
  /** Begins, and gives what ends it; or what a client that asks for too old a revision is told inside the stream. */
  readonly start: (sink: WatchSink) => (() => void) | ApiError
}

/** Makes a watch ready. Throws when it is not allowed or makes no sense. */
export function startWatch(
  deps: HandlerDeps,
  request: HttpRequest,
  context: RequestContext,
  { query }: RequestPath,
): StartedWatch {
  demandVerb({ ...context, subresource: '' }, 'watch')
  const form = negotiate(request.headers.accept)
  if (form.encoding === 'yaml') throw notAcceptable(`only the following media types are accepted: ${STREAM_TYPES}`)
  return {
    form,
    encode: frameEncoder(context.resource, encodeContext(deps, context, form, query)),
    start: (sink) => startOrExpire(() => watchObjects(deps.core, context, watchOptions(query), sink)),
  }
}

async function serveWatch(
  deps: HandlerDeps,
  { request, response, context, path, head, leave }: WatchExchange,
): Promise<void> {
  const { resource, namespace, name } = context
  if (resource.namespaced && namespace === '' && name !== '') throw notFoundPath()
  if (request.method !== 'GET') throw methodNotAllowed()
  const { form, encode, start } = startWatch(deps, request, context, path)
  const count = deps.metrics?.watchEvents(resource)
  const counted = (frame: WatchFrame) => {
    count?.()
    return encode(frame)
  }
  const stream = watchStream(response, counted, leave)
  const out = response as ServerResponse
  const begin = () => out.writeHead(200, { ...headersOf(head), 'content-type': streamType(form) })
  const stop = start(stream)
  if (typeof stop !== 'function') {
    begin()
    out.end(errorFrame(statusOf(stop), form))
    return
  }
  begin()
  // The head goes out at once: a client waits for it, however long the first event takes.
  out.flushHeaders?.()
  request.resume()
  await new Promise<void>((resolve) => stream.onEnd(resolve))
  stop()
}

/** That the revision asked for is gone is told inside the stream, as Kubernetes does; every other refusal is an answer. */
function startOrExpire(start: () => () => void): (() => void) | ApiError {
  try {
    return start()
  } catch (error) {
    if (hasReason(error, 'Expired')) return error
    throw error
  }
}

function streamType({ encoding }: OutputForm): string {
  return encoding === 'protobuf' ? 'application/vnd.kubernetes.protobuf;stream=watch' : JSON_TYPE
}
