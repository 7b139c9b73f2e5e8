/**
 * How much is asked of the server at once, and how long an answer may take; watches and streams do not count
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/: max-requests-inflight, request-timeout).
 */

import { MASTERS_GROUP, type UserInfo } from '../../client/user.ts'
import { badRequest, timeout } from '../../meta/errors.ts'
import { parseDuration } from '../../wire/decode/duration.ts'

export interface RequestLimits {
  /** So many reads at once. */
  readonly reads: number
  /** So many writes at once. */
  readonly writes: number
  /** No request takes longer. */
  readonly requestMs: number
}

export const defaultLimits: RequestLimits = { reads: 2_000, writes: 1_000, requestMs: 60_000 }

const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list'])

/** Counts what is being done. */
export class InFlight {
  readonly #limits: RequestLimits
  #reads = 0
  #writes = 0

  constructor(limits: RequestLimits) {
    this.#limits = limits
  }

  /** How many there are now. */
  get now(): { readonly reads: number; readonly writes: number } {
    return { reads: this.#reads, writes: this.#writes }
  }

  /** Counts a request until the answer is called; `undefined`: there are too many. There is always room for an administrator. */
  enter(verb: string, user: UserInfo): (() => void) | undefined {
    const isRead = READ_VERBS.has(verb)
    const isFull = isRead ? this.#reads >= this.#limits.reads : this.#writes >= this.#limits.writes
    if (isFull && !user.groups.includes(MASTERS_GROUP)) return undefined
    if (isRead) this.#reads++
    else this.#writes++
    return () => {
      if (isRead) this.#reads--
      else this.#writes--
    }
  }
}

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
