/** The requests that end in a container, a Pod, a Service or a kubelet: log, exec, attach, portforward, proxy. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { ApiError, badRequest, forbidden, hasReason, internalError } from '../../meta/errors.ts'
import type { RequestAudit } from '../audit/audit.ts'
import { beginAudit, recordUnknown } from '../audit/begin.ts'
import { encodePlain, JSON_TYPE } from '../http/encode.ts'
import { actingAs, demandAccess, type IdentifiedRequest, identify } from '../http/admit.ts'
import type { ConnectHandler, HandlerDeps } from '../http/handler.ts'
import { contextOf } from '../http/request-context.ts'
import { plainJson } from '../http/negotiate.ts'
import { statusOf } from '../http/respond.ts'
import type { UpgradeRequest } from '../../wire/streams/accept.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { KubeletAccess } from '../options.ts'
import { attributesOf, demandVerb, notFoundPath } from '../verbs/attributes.ts'
import { admitConnect } from './admit-connect.ts'
import { forward, type ForwardOptions, forwardUpgrade } from './forward.ts'
import { sendOverSocket, watchOverSocket } from './messages.ts'
import { proxied, sentToRoot } from './proxy.ts'
import { type ConnectTail, type ConnectTarget, logTarget, streamTarget } from './target.ts'

const STREAMED = ['exec', 'attach', 'portforward']
const PROXIED = ['v1/pods', 'v1/services', 'v1/nodes']

/** By resource key and subresource. */
export function connectHandlers(
  core: ApiCore,
  authorizer: Authorizer,
  kubelets: KubeletAccess | undefined,
): ReadonlyMap<string, ConnectHandler> {
  const log: ConnectHandler = async (request, response, context, { query }) => {
    const target = logTarget(core, context, query)
    if (target === undefined) {
      const out = response as ServerResponse
      out.writeHead(204)
      out.end()
      return
    }
    await forward(request, response, target, { kubelets, judge: kubeletRefusal })
  }
  const stream: ConnectHandler = async (_request, _response, context, { tail, query }) => {
    await admitConnect(core, context, { tail, query })
    demandCreate(authorizer, context)
    streamTarget(core, context, query) // for what is wrong with the request itself
    throw badRequest('Upgrade request required')
  }
  const proxy: ConnectHandler = async (request, response, context, target) => {
    await admitConnect(core, context, target)
    const passed = await proxied(core, context, request, target)
    if (sentToRoot(request, response, target)) return
    await forward(request, response, passed.target, { kubelets, ...passed.options })
  }
  return new Map<string, ConnectHandler>([
    ['v1/pods/log', log],
    ...STREAMED.map((name) => [`v1/pods/${name}`, stream] as const),
    ...PROXIED.map((key) => [`${key}/proxy`, proxy] as const),
  ])
}

/** The Status for what a kubelet refused in plain words. */
function kubeletRefusal(code: number, text: string): ApiError {
  if (code === 400) return badRequest(text)
  if (code === 404)
    return new ApiError({
      code,
      reason: 'NotFound',
      message: `the server could not find the requested resource: ${text}`,
    })
  return code === 500 ? internalError(text) : new ApiError({ code, message: text })
}

/** Serves requests that upgrade their connection: the same checks, then bytes both ways. */
export function upgradeHandler(deps: HandlerDeps, kubelets: KubeletAccess | undefined) {
  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy())
    const auditId = deps.core.random.uuid()
    let audit: RequestAudit | undefined
    try {
      const known = await identify(deps, request)
      audit = beginAudit(deps.audit, { request, auditId, user: known.user })
      const acting = actingAs(deps, request, known)
      if (acting.user !== known.user) audit?.actsAs(acting.user)
      const record = audit
      demandAccess(deps.authorizer, acting, record && ((decision) => record.decided(decision)))
      const admitted = { ...acting, annotate: audit?.annotate }
      const upgrade = { request, socket, head }
      if (!(await servedAsMessages(deps, upgrade, admitted, kubelets))) {
        const { target, options } = await upgradeTarget(deps, request, admitted)
        await forwardUpgrade(request, { socket, head }, target, { kubelets, ...options })
      }
      if (audit !== undefined) recordUpgrade(audit, socket)
    } catch (error) {
      if (audit === undefined && hasReason(error, 'Unauthorized')) recordUnknown(deps.audit, request, auditId, error)
      const status = statusOf(error)
      audit?.answersStatus(status)
      audit?.started(status.code ?? 500)
      audit?.completed(status.code)
      refuse(socket, error)
    }
  }
}

const SWITCHING_PROTOCOLS = 101

/** Records that a connection was upgraded, and when it ends. */
function recordUpgrade(audit: RequestAudit, socket: Duplex): void {
  audit.started(SWITCHING_PROTOCOLS)
  const end = () => audit.completed(SWITCHING_PROTOCOLS)
  if (socket.destroyed) end()
  else socket.once('close', end)
}

type AdmittedRequest = IdentifiedRequest & Pick<RequestContext, 'annotate'>

/** Watches and logs over a WebSocket; `false`: the request is for neither. */
async function servedAsMessages(
  deps: HandlerDeps,
  upgrade: UpgradeRequest,
  { info, user, path, annotate }: AdmittedRequest,
  kubelets: KubeletAccess | undefined,
): Promise<boolean> {
  const { request } = upgrade
  if (!info.isResource || request.headers.upgrade?.toLowerCase() !== 'websocket') return false
  const context = contextOf(deps.core.resources, { request, info, user, warnings: [], annotate })
  if (info.verb === 'watch' && info.subresource === '') {
    await watchOverSocket(deps, upgrade, context, path)
    return true
  }
  if (context.resource.key !== 'v1/pods' || info.subresource !== 'log') return false
  demandVerb(context, info.verb)
  const target = logTarget(deps.core, context, path.query)
  await sendOverSocket(upgrade, target, { kubelets, judge: kubeletRefusal })
  return true
}

async function upgradeTarget(
  deps: HandlerDeps,
  request: IncomingMessage,
  { info, user, path, annotate }: AdmittedRequest,
): Promise<{ readonly target: ConnectTarget; readonly options?: Pick<ForwardOptions, 'headers'> }> {
  if (!info.isResource) throw badRequest('this path does not upgrade')
  const context: RequestContext = contextOf(deps.core.resources, { request, info, user, warnings: [], annotate })
  demandVerb(context, info.verb === 'delete' ? 'delete' : info.verb)
  const tail: ConnectTail = { tail: info.tail, query: path.query }
  const isStream = context.resource.key === 'v1/pods' && STREAMED.includes(info.subresource)
  if (isStream || info.subresource === 'proxy') await admitConnect(deps.core, context, tail)
  if (info.subresource === 'proxy') return proxied(deps.core, context, request, info)
  if (isStream) {
    demandCreate(deps.authorizer, context)
    return { target: streamTarget(deps.core, context, path.query) }
  }
  throw notFoundPath()
}

/**
 * A WebSocket begins with a GET: who may only get Pods must not run commands in them, nor who may only read
 * (https://github.com/kubernetes/kubernetes/issues/133515).
 */
function demandCreate(authorizer: Authorizer, context: RequestContext): void {
  const { resource, user, name } = context
  const { isAllowed, reason = '' } = authorizer.onResource(user, attributesOf(context, 'create'))
  if (!isAllowed) throw forbidden({ group: resource.group, resource: resource.resource, name }, reason)
}

function refuse(socket: Duplex, error: unknown): void {
  const { apiVersion, kind, ...rest } = statusOf(error)
  const { body } = encodePlain({ kind, apiVersion, ...rest }, plainJson)
  const lines = [
    `HTTP/1.1 ${rest.code ?? 500} ${rest.reason ?? 'Error'}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${body.length}`,
    'connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}
