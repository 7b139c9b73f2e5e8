/** Requests that upgrade their connection: streams, proxies, and what browsers take as messages of a WebSocket. */

import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { part } from '../../base/async/part.ts'
import { badRequest, hasReason, tooManyRequests } from '../../meta/errors.ts'
import type { Status } from '../../meta/types.ts'
import type { UpgradeRequest } from '../../wire/streams/accept.ts'
import type { RequestAudit } from '../audit/audit.ts'
import { beginAudit, demandRecord, recordUnknown } from '../audit/begin.ts'
import type { RequestContext } from '../core.ts'
import type { Leave } from '../flowcontrol/flow-control.ts'
import { actingAs, demandAccess, type IdentifiedRequest, identify } from '../http/admit.ts'
import { encodePlain, JSON_TYPE } from '../http/answer/encode.ts'
import type { HandlerDeps } from '../http/handler.ts'
import { defaultLimits, WAITING_PART } from '../http/limits.ts'
import { plainJson } from '../http/answer/negotiate.ts'
import { answerPlainly } from '../http/plain-upgrade.ts'
import { contextOf } from '../http/request/request-context.ts'
import { parseUrl, requestInfo } from '../http/request/request-info.ts'
import { statusOf } from '../http/answer/respond.ts'
import type { HttpHandlers } from '../http/server.ts'
import { Warnings } from '../http/answer/warnings.ts'
import type { KubeletAccess } from '../options.ts'
import { demandVerb, notFoundPath } from '../verbs/attributes.ts'
import { admitConnect } from './admit-connect.ts'
import { type ForwardOptions, forwardUpgrade } from './forward.ts'
import { demandCreate, kubeletRefusal, STREAMED } from './handlers.ts'
import { sendOverSocket, watchOverSocket } from './messages.ts'
import { proxied } from './proxy.ts'
import { type ConnectTail, type ConnectTarget, logTarget, streamTarget } from './target.ts'

export interface UpgradeDeps extends HandlerDeps {
  readonly kubelets: KubeletAccess | undefined
  /** Answers requests that upgrade nothing. */
  readonly handle: HttpHandlers['onRequest']
}

/** Serves requests that upgrade their connection: the same checks, then bytes both ways. */
export function upgradeHandler(deps: UpgradeDeps): HttpHandlers['onUpgrade'] {
  const { kubelets, handle } = deps
  const { clock, random } = deps.core
  return async (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (!isUpgraded(request)) return answerPlainly(request, socket, handle)
    const began = clock.monotonic()
    const auditId = random.uuid()
    let audit: RequestAudit | undefined
    let leave: Leave | undefined
    const answered = (code: number) => count(deps, request, code, (clock.monotonic() - began) / 1000)
    try {
      const known = await identify(deps, request)
      audit = beginAudit(deps.audit, { request, auditId, user: known.user })
      if (audit?.accepted !== undefined) await demandRecord(deps.audit, audit.accepted)
      const acting = actingAs(deps, request, known)
      if (acting.user !== known.user) audit?.actsAs(acting.user, acting.constraint)
      const { info, user, path } = acting
      if (info.isResource && info.verb === 'watch') {
        const waitMs = (deps.limits ?? defaultLimits).requestMs * WAITING_PART
        const onGone = (run: () => void) => void socket.once('close', run)
        leave = await deps.flows.enter(deps.flows.flowOf(info, user), { info, user, query: path.query, waitMs, onGone })
        if (leave === undefined) throw tooManyRequests('Too many requests, please try again later.')
        socket.once('close', deps.flows.watches.add(info, path.query))
      }
      const record = audit
      demandAccess(deps.authorizer, acting, record && ((decision) => record.decided(decision)))
      const admitted = { ...acting, annotate: audit?.annotate }
      const upgrade = { request, socket, head }
      if (!(await servedAsMessages(deps, upgrade, admitted))) {
        const { target, options } = await upgradeTarget(deps, request, admitted)
        await forwardUpgrade(request, { socket, head }, target, { kubelets, ...options })
      }
      if (audit !== undefined) recordUpgrade(audit, socket)
      answered(SWITCHING_PROTOCOLS)
    } catch (error) {
      if (audit === undefined && hasReason(error, 'Unauthorized')) recordUnknown(deps.audit, request, auditId, error)
      const status = statusOf(error)
      audit?.answersStatus(status)
      audit?.started(status.code ?? 500)
      void audit?.completed(status.code)
      refuse(socket, status, auditId)
      answered(status.code ?? 500)
    } finally {
      leave?.()
    }
  }
}

const SWITCHING_PROTOCOLS = 101

/** Records that a connection was upgraded, and when it ends. */
function recordUpgrade(audit: RequestAudit, socket: Duplex): void {
  audit.started(SWITCHING_PROTOCOLS)
  const end = () => void audit.completed(SWITCHING_PROTOCOLS)
  if (socket.destroyed) end()
  else socket.once('close', end)
}

type AdmittedRequest = IdentifiedRequest & Pick<RequestContext, 'annotate'>

/** Watches and logs over a WebSocket; `false`: the request is for neither. */
async function servedAsMessages(
  deps: UpgradeDeps,
  upgrade: UpgradeRequest,
  { info, user, path, annotate }: AdmittedRequest,
): Promise<boolean> {
  const { request } = upgrade
  if (!info.isResource || !isWebSocket(request)) return false
  const context = contextOf(deps.core.resources, { request, info, user, warnings: new Warnings(), annotate })
  if (info.verb === 'watch' && info.subresource === '') {
    await watchOverSocket(deps, { upgrade, context, path })
    return true
  }
  if (context.resource.key !== 'v1/pods' || info.subresource !== 'log') return false
  demandVerb(context, info.verb)
  const target = logTarget(deps.core, context, path.query)
  await sendOverSocket(upgrade, target, { kubelets: deps.kubelets, judge: kubeletRefusal })
  return true
}

async function upgradeTarget(
  deps: HandlerDeps,
  request: IncomingMessage,
  { info, user, path, annotate }: AdmittedRequest,
): Promise<{ readonly target: ConnectTarget; readonly options?: Pick<ForwardOptions, 'headers'> }> {
  if (!info.isResource) throw badRequest('this path does not upgrade')
  const context: RequestContext = contextOf(deps.core.resources, {
    request,
    info,
    user,
    warnings: new Warnings(),
    annotate,
  })
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

/** Counts an upgrade to what is served. */
function count({ core, metrics }: UpgradeDeps, request: IncomingMessage, code: number, seconds: number): void {
  const info = requestInfo(request.method ?? 'GET', parseUrl(request.url ?? '/'))
  if (!info.isResource) return
  const resource = core.resources.find(info.group, info.version, info.resource)
  if (resource === undefined || (info.subresource !== '' && !resource.subresources.has(info.subresource))) return
  metrics?.answered({ info, isApply: false, isDryRun: false }, code, seconds)
}

const isWebSocket = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket'

/** Whether what is asked for begins with an upgrade; of anything else Kubernetes passes over the wish. */
function isUpgraded(request: IncomingMessage): boolean {
  try {
    const info = requestInfo(request.method ?? 'GET', parseUrl(request.url ?? '/'))
    if (!info.isResource) return false
    if (STREAMED.includes(info.subresource) || info.subresource === 'proxy') return true
    const isMessages = info.subresource === 'log' || (info.subresource === '' && info.verb === 'watch')
    return isMessages && isWebSocket(request)
  } catch {
    return false // what is wrong with it is told in a plain answer
  }
}

function refuse(socket: Duplex, status: Status, auditId: string): void {
  const { apiVersion, kind, ...rest } = status
  const { body } = encodePlain({ kind, apiVersion, ...rest }, plainJson)
  const { code = 500 } = rest
  const lines = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}`,
    `audit-id: ${auditId}`,
    'cache-control: no-cache, private',
    `content-type: ${JSON_TYPE}`,
    `content-length: ${body.length}`,
    'connection: close',
  ]
  part(socket, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}
