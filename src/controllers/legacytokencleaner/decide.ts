/** What becomes of a token in a Secret that nobody uses (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner). Pure. */

import { dayOf, INVALID_SINCE, isDay, LAST_USED } from '../../api/core/v1/secret/legacy-tokens.ts'
import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'

export interface TokenFacts {
  /** Whom the token is of; undefined where that account is gone. */
  readonly account: DeepReadonly<ServiceAccount> | undefined
  /** Whether a Pod names the Secret. */
  readonly isMounted: boolean
  /** What was made, used or found unused since then is kept: milliseconds since the epoch. */
  readonly since: number
}

/** Only tokens that were made for their account by Kubernetes itself, long ago, ever go, and first they stop working. */
export function judgeToken(
  secret: DeepReadonly<Secret>,
  { account, isMounted, since }: TokenFacts,
): 'keep' | 'invalidate' | 'delete' {
  const { creationTimestamp, labels = {} } = secret.metadata
  const firstDay = dayOf(since)
  if (isDeleting(secret) || (fromTime(creationTimestamp) ?? since) >= since) return 'keep'
  const { [LAST_USED]: lastUsed, [INVALID_SINCE]: invalidSince = '' } = labels
  // What says nothing that makes sense may have been used.
  if (lastUsed !== undefined && (!isDay(lastUsed) || lastUsed >= firstDay)) return 'keep'
  const isAutomatic = account?.secrets?.some(({ name }) => name === nameOf(secret)) === true
  if (!isAutomatic || isMounted) return 'keep'
  if (!isDay(invalidSince)) return 'invalidate'
  return invalidSince >= firstDay ? 'keep' : 'delete'
}
