/** Begins the record of a request as it came over the network (https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/). */

import type { ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { UserInfo } from '../../client/user.ts'
import { internalError } from '../../meta/errors.ts'
import { limitedBy } from '../authz/authorizer.ts'
import type { HttpRequest } from '../http/request/body.ts'
import { parseUrl, type RequestInfo, requestInfo, SELECTING } from '../http/request/request-info.ts'
import { statusOf } from '../http/answer/respond.ts'
import type { HttpResponse } from '../http/watch/watch-stream.ts'
import type { AuditedRequest, Auditor, RequestAudit } from './audit.ts'

export interface IncomingAudit {
  readonly request: HttpRequest
  readonly auditId: string
  readonly user: UserInfo
}

/** The ID that the client gives its request, as far as it can be one. */
export function askedAuditId({ headers }: HttpRequest): string {
  const asked = String(headers['audit-id'] ?? '')
  return asked === '' ? '' : asked.replaceAll(/[^\w-]/g, '').slice(0, 64)
}

/** The record of an incoming request; undefined where none is wanted. */
export function beginAudit(auditor: Auditor | undefined, asked: IncomingAudit): RequestAudit | undefined {
  return auditor?.begin(audited(asked.request, asked.auditId, asked.user))
}

/** Waits until the event of its beginning is taken. Throws where it must be, and is not. */
export async function demandRecord(auditor: Auditor | undefined, accepted: Promise<void>): Promise<void> {
  try {
    await accepted
  } catch (cause) {
    auditor?.rejects()
    throw internalError('failed to store audit event', cause)
  }
}

/** An answer ends when the event of its end is taken, where events are waited for. */
export function holdForRecord(audit: RequestAudit, response: HttpResponse): void {
  const out = response as ServerResponse
  const end = out.end.bind(out) as (...rest: readonly unknown[]) => ServerResponse
  out.end = ((...rest: readonly unknown[]) => {
    const taken = audit.completed(out.statusCode)
    if (taken === undefined) return end(...rest)
    void taken.catch(() => {}).then(() => end(...rest))
    return out
  }) as ServerResponse['end']
}

/** Records that a request was refused because nobody knows who makes it. */
export function recordUnknown(
  auditor: Auditor | undefined,
  request: HttpRequest,
  auditId: string,
  error: unknown,
): void {
  const audit = auditor?.beginRefused(audited(request, auditId, undefined))
  const status = statusOf(error)
  audit?.answersStatus(status)
  audit?.started(status.code ?? 401)
}

/** Records the head of an answer at the moment it is sent. */
export function recordHead(audit: RequestAudit, response: HttpResponse): void {
  const out = response as { writeHead(code: number, ...rest: readonly unknown[]): unknown }
  const writeHead = out.writeHead.bind(out)
  out.writeHead = (code, ...rest) => {
    audit.started(code)
    return writeHead(code, ...rest)
  }
}

/** What a method on a URL is about. */
export function auditedInfo(method: string, url: string): RequestInfo {
  const path = parseUrl(url)
  const info = requestInfo(method, path)
  if (!info.isResource || !SELECTING.has(info.verb)) return info
  return { ...info, name: limitedBy(info, path.query.get('fieldSelector')).name }
}

function audited(request: HttpRequest, auditId: string, user: UserInfo | undefined): AuditedRequest {
  const { method = 'GET', url = '/', headers } = request
  const userAgent = headers['user-agent'] ?? ''
  return { auditId, uri: url, info: auditedInfo(method, url), user, sourceIps: sourceIpsOf(request), userAgent }
}

/** Those that proxies name, which anybody can write, and at the end the one that the connection comes from. */
function sourceIpsOf({ headers, socket }: HttpRequest): readonly string[] {
  const ips = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => isIP(text) !== 0)
  const real = String(headers['x-real-ip'] ?? '').trim()
  if (isIP(real) !== 0 && !ips.includes(real)) ips.push(real)
  const { remoteAddress = '' } = socket
  const remote = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress
  if (remote !== '' && ips.at(-1) !== remote) ips.push(remote)
  return ips
}
