/** One request and its answer from the first byte to the last, and what has come to be known of them. */

import type { ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Auditor } from '../audit/audit.ts'
import { askedAuditId, recordUnknown } from '../audit/begin.ts'
import { isLarge } from '../verbs/give-way.ts'
import type { HttpRequest } from './request/body.ts'
import { wantsPretty } from './answer/pretty.ts'
import type { CountedRequest, RequestMetrics } from './metrics/request-metrics.ts'
import { type AnswerHead, sendError, sendLargeError } from './answer/respond.ts'
import { Warnings } from './answer/warnings.ts'
import type { HttpResponse } from './watch/watch-stream.ts'

export interface Exchange {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly head: AnswerHead
  readonly warnings: Warnings
  /** When it began, in milliseconds of the monotonic clock. */
  readonly began: number
  /** What is to be done when it is over, however it ends. */
  readonly ends: (() => void)[]
  /** What it is counted as, as soon as that is known. */
  counted: CountedRequest | undefined
}

export interface ExchangeDeps {
  readonly core: { readonly clock: Clock; readonly random: Random; readonly log: Log }
  /** Absent: nobody asks how many requests there were. */
  readonly metrics?: RequestMetrics
  /** Absent: nothing is recorded. */
  readonly audit?: Auditor | undefined
}

export function beginExchange({ core }: ExchangeDeps, request: HttpRequest, response: HttpResponse): Exchange {
  const warnings = new Warnings()
  const head: AnswerHead = {
    auditId: askedAuditId(request) || core.random.uuid(),
    warnings,
    flow: undefined,
    isPretty: wantsPretty(request),
    audit: undefined,
    isDenied: false,
  }
  return { request, response, head, warnings, began: core.clock.monotonic(), ends: [], counted: undefined }
}

/** Answers with an error. What is no client's fault is logged. */
export async function refuse(
  { core, metrics, audit }: ExchangeDeps,
  exchange: Exchange,
  error: unknown,
): Promise<void> {
  const { request, response, head, began } = exchange
  if (hasReason(error, 'Unauthorized')) {
    metrics?.access.identified(false, secondsSince(core.clock, began))
    recordUnknown(audit, request, head.auditId, error)
  }
  if (error instanceof Error && isLarge(error.message.length)) await sendLargeError(request, response, error, head)
  else sendError(request, response, error, head)
  if (error instanceof Error && error.name === 'ApiError') return
  const { method, url } = request
  core.log.error('a request failed inside the server', { method, url, error })
}

export function endExchange({ core, metrics }: ExchangeDeps, { ends, counted, response, began }: Exchange): void {
  for (const end of ends) end()
  if (counted === undefined) return
  metrics?.answered(counted, (response as ServerResponse).statusCode, secondsSince(core.clock, began))
}

/** How long it is since a moment of the monotonic clock. */
export const secondsSince = (clock: Clock, moment: number): number => (clock.monotonic() - moment) / 1000
