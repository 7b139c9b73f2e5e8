/**
 * Tokens that are kept in Secrets: of no end, good as long as their Secret and its service account are there
 * (https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token). Their claims are older than the bound
 * tokens' and have a form of their own.
 */

import { serviceAccountGroups, serviceAccountUserName, type UserInfo } from '../../client/user.ts'
import { INVALID_SINCE } from '../../api/core/v1/secret/legacy-tokens.ts'
import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { TokenSources } from './tokens.ts'

export const SECRET_TOKEN_ISSUER = 'kubernetes/serviceaccount'
const PREFIX = 'kubernetes.io/serviceaccount/'
/** What is said to those who use a token that was made for the account by itself, as it was done before 1.24. */
const AUTOMATIC =
  'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated ' +
  'secret-based tokens.'

export interface SecretTokenSubject {
  readonly namespace: string
  readonly secret: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
}

/** What such a token says. */
export function secretClaims({ namespace, secret, serviceAccount }: SecretTokenSubject): Record<string, string> {
  return {
    iss: SECRET_TOKEN_ISSUER,
    [`${PREFIX}namespace`]: namespace,
    [`${PREFIX}secret.name`]: secret,
    [`${PREFIX}service-account.name`]: serviceAccount.name,
    [`${PREFIX}service-account.uid`]: serviceAccount.uid,
    sub: serviceAccountUserName(namespace, serviceAccount.name),
  }
}

export interface SecretToken {
  /** Undefined where the token is refused because nobody had used it for too long. */
  readonly user: UserInfo | undefined
  /** The Secret that holds it. */
  readonly secret: DeepReadonly<Secret>
  readonly warning: string | undefined
}

/** Whose token it is, if the Secret still holds it and the account is still the one it was made for. */
export function findSecretToken(
  token: string,
  claims: Readonly<Record<string, unknown>>,
  { secrets, serviceAccounts }: TokenSources,
): SecretToken | undefined {
  const claim = (name: string) => {
    const value = claims[`${PREFIX}${name}`]
    return typeof value === 'string' ? value : ''
  }
  const namespace = claim('namespace')
  const name = claim('service-account.name')
  const uid = claim('service-account.uid')
  const account = serviceAccounts.get(namespace, name)?.object as DeepReadonly<ServiceAccount> | undefined
  if (account?.metadata.uid !== uid || uid === '' || account.metadata.deletionTimestamp !== undefined) return undefined
  const secret = secrets.get(namespace, claim('secret.name'))?.object as DeepReadonly<Secret> | undefined
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return undefined
  if (secret.data?.['token'] !== Buffer.from(token).toString('base64')) return undefined
  const isRefused = (secret.metadata.labels?.[INVALID_SINCE] ?? '') !== ''
  const isAutomatic = account.secrets?.some((reference) => reference.name === secret.metadata.name) === true
  return {
    secret,
    user: isRefused
      ? undefined
      : { name: serviceAccountUserName(namespace, name), uid, groups: serviceAccountGroups(namespace) },
    warning: isAutomatic && !isRefused ? AUTOMATIC : undefined,
  }
}

/** Whom the token says it comes from, before anything of it is believed. */
export function claimedIssuer(token: string): unknown {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof payload === 'object' && payload !== null ? (payload as { iss?: unknown }).iss : undefined
  } catch {
    return undefined
  }
}
