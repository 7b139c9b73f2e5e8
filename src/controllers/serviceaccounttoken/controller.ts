/**
 * Fills Secrets that ask for a token of a service account, and removes them with their account
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller).
 */

import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf, nameOf, placeOf, uidOf } from '../kit/ownership.ts'

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

type ReadSecret = DeepReadonly<Secret>
type ReadAccount = DeepReadonly<ServiceAccount>

const TYPE = 'kubernetes.io/service-account-token'
const ACCOUNT_NAME = 'kubernetes.io/service-account.name'
const ACCOUNT_UID = 'kubernetes.io/service-account.uid'
const BY_ACCOUNT = 'serviceAccount'

/** The key of the account that a Secret is for. */
function accountsOf(secret: ReadSecret): readonly string[] {
  const name = secret.metadata.annotations?.[ACCOUNT_NAME]
  return secret.type === TYPE && name !== undefined ? [`${secret.metadata.namespace}/${name}`] : []
}

export function serviceAccountTokenController(deps: ControllerDeps, { mint, rootCa }: TokenMaking): Controller {
  const { client, clock } = deps
  const secrets = deps.informers.of(SECRETS)
  const accounts = deps.informers.of(SERVICE_ACCOUNTS)
  const queue = createWorkQueue(clock)
  secrets.addIndex(BY_ACCOUNT, accountsOf)
  const enqueue = (secret: ReadSecret) => {
    if (secret.type === TYPE) queue.add(keyOf(secret))
  }
  secrets.on({ added: enqueue, updated: enqueue })
  const wake = (account: ReadAccount) => secrets.byIndex(BY_ACCOUNT, keyOf(account)).forEach(enqueue)
  accounts.on({ added: wake, deleted: wake })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const secret = secrets.get(key)
    if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return settled
    const account = await accountOf(secret, signal)
    if (account === undefined) await remove(secret, signal)
    else {
      const filled = fill(secret, account)
      if (filled !== undefined) await client.update(SECRETS, filled, undefined, signal)
    }
    return settled
  }

  /** The server has the last word: an account that was just made may not be in the cache yet. */
  const accountOf = async (secret: ReadSecret, signal: AbortSignal): Promise<ReadAccount | undefined> => {
    const { namespace = '', annotations } = secret.metadata
    const name = annotations?.[ACCOUNT_NAME] ?? ''
    const wanted = annotations?.[ACCOUNT_UID] ?? ''
    const isMeant = (account: ReadAccount) => wanted === '' || uidOf(account) === wanted
    const cached = accounts.get(`${namespace}/${name}`)
    if (cached !== undefined && isMeant(cached)) return cached
    try {
      const live = await client.get(SERVICE_ACCOUNTS, { namespace, name }, signal)
      return isMeant(live) ? live : undefined
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** The Secret with what it lacks; undefined when it has everything. */
  const fill = (secret: ReadSecret, account: ReadAccount): ReadSecret | undefined => {
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

  const remove = async (secret: ReadSecret, signal: AbortSignal): Promise<void> => {
    try {
      await client.delete(SECRETS, placeOf(secret), { preconditions: { uid: uidOf(secret) } }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
    }
  }

  return loopController({ name: 'serviceaccount-token', queue, reconcile, log: deps.log, waitFor: [secrets, accounts] })
}
