/** When a request for a certificate is of no use any more (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#request-signing-process). Pure. */

import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

export type ReadRequest = DeepReadonly<CertificateSigningRequest>

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const holds = ({ status }: ReadRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true

export const isIssued = ({ status }: ReadRequest): boolean => (status?.certificate ?? '') !== ''

/** When the request is to be removed; `certificateEnds`: when what was issued runs out, if that is known. */
export function removalTime(request: ReadRequest, certificateEnds: number | undefined): number | undefined {
  const conditions = request.status?.conditions ?? []
  const created = fromTime(request.metadata.creationTimestamp)
  const times = conditions.map(({ type, lastUpdateTime }) => {
    const since = fromTime(lastUpdateTime)
    if (since === undefined) return undefined
    if (type === 'Denied' || type === 'Failed') return since + HOUR_MS
    return type === 'Approved' ? since + (isIssued(request) ? HOUR_MS : DAY_MS) : undefined
  })
  const ends = [
    ...times,
    conditions.length === 0 && created !== undefined ? created + DAY_MS : undefined,
    holds(request, 'Approved') && isIssued(request) ? certificateEnds : undefined,
  ].filter((time) => time !== undefined)
  return ends.length === 0 ? undefined : Math.min(...ends)
}
