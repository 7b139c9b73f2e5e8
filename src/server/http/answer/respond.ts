/** Writes answers: heads, bodies, errors. */

import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { inSteps } from '../../../base/async/steps.ts'
import { nextTurn } from '../../../base/async/turn.ts'
import { ApiError, internalError } from '../../../meta/errors.ts'
import type { Status } from '../../../meta/types.ts'
import type { Encoded } from './encode.ts'
import { encodePlain } from './encode.ts'
import { writeParts } from './write-parts.ts'
import { plainJson, refusalForm } from './negotiate.ts'
import { indented, indentedInSteps } from './pretty.ts'
import type { HttpRequest } from '../request/body.ts'
import type { RequestAudit } from '../../audit/audit.ts'
import type { HttpResponse } from '../watch/watch-stream.ts'
import type { Warnings } from './warnings.ts'

const compress = promisify(gzip)
/** Smaller answers are not worth compressing. */
const GZIP_FROM = 128 * 1024

/** Headers that depend on the request, not on the answer. */
export interface AnswerHead {
  readonly auditId: string
  readonly warnings?: Warnings
  /** What the request was counted as, as soon as that is known. */
  flow?: { readonly schemaUid: string | undefined; readonly levelUid: string | undefined } | undefined
  /** Whether JSON is indented. */
  readonly isPretty: boolean
  /** The request's record in the audit log; absent: there is none. */
  audit?: RequestAudit | undefined
  /** The client may not do what it asks for, whatever it is. */
  isDenied?: boolean
}

export function headersOf({ auditId, warnings, flow }: AnswerHead): Record<string, string | string[]> {
  const warned = warnings?.headers() ?? []
  const headers: Record<string, string | string[]> = { 'audit-id': auditId, 'cache-control': 'no-cache, private' }
  if (flow?.schemaUid !== undefined && flow.levelUid !== undefined) {
    headers['x-kubernetes-pf-flowschema-uid'] = flow.schemaUid
    headers['x-kubernetes-pf-prioritylevel-uid'] = flow.levelUid
  }
  if (warned.length > 0) headers['warning'] = warned
  return headers
}

/** Sends bytes, compressed when that is worth it and the client can read it. */
export async function send(
  request: HttpRequest,
  response: HttpResponse,
  code: number,
  encoded: Encoded,
  head: AnswerHead,
): Promise<void> {
  const headers = headersOf(head)
  headers['content-type'] = encoded.contentType
  let { body } = head.isPretty ? await inSteps(indentedInSteps(encoded), nextTurn) : encoded
  if (body.length >= GZIP_FROM && String(request.headers['accept-encoding'] ?? '').includes('gzip')) {
    const whole = 'parts' in body ? Buffer.concat(body.parts, body.length) : body
    body = await compress(whole, { level: constants.Z_BEST_SPEED })
    headers['content-encoding'] = 'gzip'
    headers['vary'] = 'Accept-Encoding'
  }
  headers['content-length'] = String(body.length)
  const out = response as ServerResponse
  if (out.destroyed || out.headersSent) return
  out.writeHead(code, headers)
  if (request.method === 'HEAD') out.end()
  else if ('parts' in body) await writeParts(out, body)
  else await writeParts(out, { parts: [body], length: body.length })
}

/** An answer in plain words. */
export interface TextAnswer {
  readonly code: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends an answer that is for people and needs no Status. */
export function sendText(
  request: HttpRequest,
  response: HttpResponse,
  { code, text, headers = {} }: TextAnswer,
  head: AnswerHead,
): void {
  const out = response as ServerResponse
  out.writeHead(code, {
    ...headersOf(head),
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  })
  out.end(request.method === 'HEAD' ? undefined : text)
}

/** What a failure is told as. */
export function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.status
  return internalError(error instanceof Error ? error.message : String(error)).status
}

/** Sends a failure. */
export function sendError(request: HttpRequest, response: HttpResponse, error: unknown, head: AnswerHead): void {
  writeRefusal(request, response, refusalOf(request, error, head), head)
}

/** The same of one that tells much: to write it and to send it are steps of their own. */
export async function sendLargeError(
  request: HttpRequest,
  response: HttpResponse,
  error: unknown,
  head: AnswerHead,
): Promise<void> {
  await nextTurn()
  const refusal = refusalOf(request, error, head)
  await nextTurn()
  writeRefusal(request, response, refusal, head)
}

interface Refusal {
  readonly status: Status
  readonly code: number
  readonly encoded: Encoded
  /** Whoever asked takes a Status. */
  readonly takesStatus: boolean
}

function refusalOf(request: HttpRequest, error: unknown, head: AnswerHead): Refusal {
  const form = refusalForm(request.headers.accept)
  const status = statusOf(error)
  const { apiVersion, kind, ...rest } = status
  const code = rest.code ?? 500
  const plain = encodePlain({ kind, apiVersion, ...rest }, form ?? plainJson)
  const encoded = head.isPretty || form === undefined ? indented(plain) : plain
  return { status, code, encoded, takesStatus: form !== undefined }
}

function writeRefusal(
  request: HttpRequest,
  response: HttpResponse,
  { status, code, encoded, takesStatus }: Refusal,
  head: AnswerHead,
): void {
  const out = response as ServerResponse
  // Answered already: its time was up before this failure.
  if (out.writableEnded) return
  if (out.destroyed || out.headersSent) {
    out.destroy()
    return
  }
  // Who takes no Status gets it all the same, and the log does not tell it.
  if (takesStatus) head.audit?.answersStatus(status)
  const retry = status.details?.retryAfterSeconds
  const headers: Record<string, string | string[]> = {
    ...headersOf(head),
    'content-type': encoded.contentType,
    'content-length': String(encoded.body.length),
    ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    ...(head.isDenied === true ? { 'x-content-type-options': 'nosniff' } : {}),
    // What is left of the body is not waited for.
    ...((code === 413 || code === 504) && request.httpVersionMajor === 1 ? { connection: 'close' } : {}),
  }
  out.writeHead(code, headers)
  out.end(request.method === 'HEAD' ? undefined : encoded.body)
}
