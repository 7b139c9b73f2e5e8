/** Records what parts in the server's own process ask for: controllers, the scheduler, the server itself. */

import type { Random } from '../../base/random.ts'
import { httpCallOf, watchPath } from '../../client/paths.ts'
import type { ApiCall, ResourceTarget, WatchOptions } from '../../client/transport.ts'
import type { UserInfo } from '../../client/user.ts'
import { statusOf } from '../http/answer/respond.ts'
import { plainJson } from '../http/answer/negotiate.ts'
import type { Answer } from '../verbs/answer.ts'
import type { Auditor, RequestAudit } from './audit.ts'
import { auditedInfo } from './begin.ts'
import { recordAnswer } from './bodies.ts'

/** Who calls within the process. */
export interface DirectCaller {
  readonly user: UserInfo
  readonly userAgent: string
  readonly random: Random
}

/** Where an API server's calls of itself come from. */
const OWN_IPS = ['::1']

/** The record of a call; undefined where none is wanted. */
export function beginCall(auditor: Auditor | undefined, call: ApiCall, caller: DirectCaller): RequestAudit | undefined {
  if (auditor === undefined) return undefined
  const { method, path } = httpCallOf(call)
  return begin(auditor, method, path, caller)
}

/** The same for a watch. */
export function beginWatch(
  auditor: Auditor | undefined,
  target: ResourceTarget,
  options: WatchOptions,
  caller: DirectCaller,
): RequestAudit | undefined {
  return auditor === undefined ? undefined : begin(auditor, 'GET', watchPath(target, options), caller)
}

function begin(
  auditor: Auditor,
  method: string,
  uri: string,
  { user, userAgent, random }: DirectCaller,
): RequestAudit | undefined {
  const info = auditedInfo(method, uri)
  return auditor.begin({ auditId: random.uuid(), uri, info, user, sourceIps: OWN_IPS, userAgent })
}

/** Does the work of a call, and records how it ends. */
export async function recorded(audit: RequestAudit | undefined, work: () => Promise<Answer>): Promise<Answer> {
  if (audit === undefined) return work()
  try {
    const answer = await work()
    recordAnswer(audit, answer, { form: plainJson, includeObject: 'Metadata', now: 0 })
    void audit.completed(answer.form === 'list' ? 200 : answer.code)
    return answer
  } catch (error) {
    const status = statusOf(error)
    audit.answersStatus(status)
    void audit.completed(status.code ?? 500)
    throw error
  }
}
