/** What a Secret with a token of a service account holds (https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets). */

import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'

export type ReadSecret = DeepReadonly<Secret>
export type ReadAccount = DeepReadonly<ServiceAccount>

export const TYPE = 'kubernetes.io/service-account-token'
export const ACCOUNT_NAME = 'kubernetes.io/service-account.name'
export const ACCOUNT_UID = 'kubernetes.io/service-account.uid'

/** Makes a token for a service account, to be kept in the Secret of that name. */
export type MintToken = (subject: {
  readonly namespace: string
  readonly secret: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
}) => string

export interface TokenMaking {
  readonly mint: MintToken
  /** What the token's bearer trusts the API server by; absent: not told. */
  readonly rootCa?: string
}

/** The Secret with what it lacks; undefined when it has everything. */
export function filledSecret(
  { mint, rootCa }: TokenMaking,
  secret: ReadSecret,
  account: ReadAccount,
): ReadSecret | undefined {
  const { namespace = '', annotations } = secret.metadata
  const data = secret.data ?? {}
  const lacking: Record<string, string> = {}
  const want = (name: string, value: string) => {
    const encoded = Buffer.from(value).toString('base64')
    if (data[name] !== encoded) lacking[name] = encoded
  }
  if (rootCa !== undefined) want('ca.crt', rootCa)
  if ((data['namespace'] ?? '') === '') want('namespace', namespace)
  if ((data['token'] ?? '') === '') {
    const serviceAccount = { name: nameOf(account), uid: uidOf(account) }
    want('token', mint({ namespace, secret: nameOf(secret), serviceAccount }))
  }
  const isTied = annotations?.[ACCOUNT_UID] === uidOf(account)
  if (isTied && Object.keys(lacking).length === 0) return undefined
  const metadata = { ...secret.metadata, annotations: { ...annotations, [ACCOUNT_UID]: uidOf(account) } }
  return { ...secret, metadata, data: { ...data, ...lacking } }
}
