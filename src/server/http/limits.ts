/**
 * How much is asked of the server at once, and how long an answer may take; watches and streams do not count
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/: max-requests-inflight, request-timeout).
 */

import { badRequest, timeout } from '../../meta/errors.ts'
import { parseDuration } from '../../wire/decode/duration.ts'

export interface RequestLimits {
  /** Requests at once: together with the writes they are the server's seats. */
  readonly reads: number
  readonly writes: number
  /** No request takes longer. */
  readonly requestMs: number
}

export const defaultLimits: RequestLimits = { reads: 400, writes: 200, requestMs: 60_000 }

/** So much of its time a request may wait for its turn. */
export const WAITING_PART = 1 / 4

/** So many requests may be worked at once, whatever they are; flowcontrol/ divides them. */
export const seatsOf = ({ reads, writes }: RequestLimits): number => reads + writes

/** How long a request may take: as long as it says, but no longer than `most`. Throws `BadRequest`. */
export function allottedMs(query: URLSearchParams, most: number): number {
  const asked = query.get('timeout') ?? ''
  if (asked === '') return most
  try {
    const ms = Number(parseDuration(asked.slice(0, 100))) / 1e6
    return ms <= 0 ? most : Math.min(ms, most)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw badRequest(`invalid timeout specified in the request URL - ${why}`, cause)
  }
}

export const outOfTime = () => timeout('Timeout: request did not complete within the allotted timeout')
