/** A request's turn: before it, nothing is done for it (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/). */

import type { FlowControl, Leave } from '../flowcontrol/flow-control.ts'
import type { IdentifiedRequest } from './admit.ts'
import type { HttpRequest } from './request/body.ts'
import { type AnswerHead, sendText } from './answer/respond.ts'
import type { HttpResponse } from './watch/watch-stream.ts'

const TOO_MANY = { code: 429, text: 'Too many requests, please try again later.\n' }

export interface Turn {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly asked: IdentifiedRequest
  readonly head: AnswerHead
  /** It is put off when its turn has not come by then. */
  readonly waitMs: number
}

/** Waits for a request's turn. Answers what ends it; undefined: it is put off, and its client knows. */
export function takeSeats(flows: FlowControl, turn: Turn): Leave | undefined | Promise<Leave | undefined> {
  const { request, response, asked, head, waitMs } = turn
  const { info, user, path } = asked
  const flow = flows.flowOf(info, user)
  head.flow = flow
  const putOff = () => {
    const headers = { 'retry-after': String(flows.retryAfter(flow)) }
    if (!response.destroyed) sendText(request, response, { ...TOO_MANY, headers }, head)
    return undefined
  }
  const onGone = (run: () => void) => void response.once('close', run)
  const taken = flows.enter(flow, { info, user, query: path.query, waitMs, onGone })
  if (taken instanceof Promise) return taken.then((leave) => leave ?? putOff())
  return taken ?? putOff()
}
