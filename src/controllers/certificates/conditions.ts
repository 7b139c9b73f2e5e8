/** What is said in the conditions of a request (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/). Pure. */

import type { CertificateSigningRequestCondition } from '../../api/generated/certificates-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { ReadRequest } from './cleaning.ts'

/** The request with one condition more. */
export function withCondition(
  request: ReadRequest,
  news: CertificateSigningRequestCondition,
  now: number,
): ReadRequest {
  const condition = { ...news, lastUpdateTime: toTime(now) }
  return { ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] } }
}
