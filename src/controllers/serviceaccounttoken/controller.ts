/**
 * Fills Secrets that ask for a token of a service account, and removes them with their account
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller).
 */

import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Lister } from '../../client/informer.ts'
import { SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf, placeOf, uidOf } from '../kit/ownership.ts'
import {
  ACCOUNT_NAME,
  ACCOUNT_UID,
  filledSecret,
  type ReadAccount,
  type ReadSecret,
  type TokenMaking,
  TYPE,
} from './fill-secret.ts'

export type { MintToken, TokenMaking } from './fill-secret.ts'

const BY_ACCOUNT = 'serviceAccount'

/** The key of the account that a Secret is for. */
function accountsOf(secret: ReadSecret): readonly string[] {
  const name = secret.metadata.annotations?.[ACCOUNT_NAME]
  return secret.type === TYPE && name !== undefined ? [`${secret.metadata.namespace}/${name}`] : []
}

export function serviceAccountTokenController(deps: ControllerDeps, making: TokenMaking): Controller {
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
  const parts = { client, secrets, accounts, making }
  const reconcile = (key: string, signal: AbortSignal) => reconcileSecret(parts, key, signal)
  return loopController({ name: 'serviceaccount-token', queue, reconcile, log: deps.log, waitFor: [secrets, accounts] })
}

interface SecretDeps {
  readonly client: Client
  readonly secrets: Lister<Secret>
  readonly accounts: Lister<ServiceAccount>
  readonly making: TokenMaking
}

async function reconcileSecret(deps: SecretDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client } = deps
  const secret = deps.secrets.get(key)
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return settled
  const account = await accountOf(deps, secret, signal)
  if (account === undefined) await remove(client, secret, signal)
  else {
    const filled = filledSecret(deps.making, secret, account)
    if (filled !== undefined) await client.update(SECRETS, filled, undefined, signal)
  }
  return settled
}

/** The server has the last word: an account that was just made may not be in the cache yet. */
async function accountOf(
  { client, accounts }: SecretDeps,
  secret: ReadSecret,
  signal: AbortSignal,
): Promise<ReadAccount | undefined> {
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

async function remove(client: Client, secret: ReadSecret, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(SECRETS, placeOf(secret), { preconditions: { uid: uidOf(secret) } }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
  }
}
