/**
 * Once a day takes away the tokens in Secrets that nobody has used for a year
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner).
 */

import { INVALID_SINCE, dayOf, isDay, TRACKING } from '../../api/core/v1/secret/legacy-tokens.ts'
import { podSecretNames } from '../../api/core/v1/pod/references.ts'
import type { Secret } from '../../api/generated/core-v1.ts'
import { again, createWorkQueue, type Outcome } from '../../base/work-queue.ts'
import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { indexOnce } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { judgeToken } from './decide.ts'

const DAY_MS = 86_400_000
const KEEP_MS = 365 * DAY_MS
const TOKENS = 'serviceAccountTokens'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'

type ReadSecret = DeepReadonly<Secret>

export function legacyTokenCleaner(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const secrets = deps.informers.of(SECRETS)
  const accounts = deps.informers.of(SERVICE_ACCOUNTS)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  indexOnce(secrets, TOKENS, ({ type }) => (type === 'kubernetes.io/service-account-token' ? [TOKENS] : []))
  queue.add('pass')

  /** From when on every use has been noted; undefined where nobody says. */
  const trackedSince = async (signal: AbortSignal): Promise<number | undefined> => {
    try {
      const { data } = await client.get(CONFIG_MAPS, TRACKING, signal)
      const since = data?.['since']
      return isDay(since) ? Date.parse(since) + DAY_MS : undefined // that day itself only in part
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  const accountOf = ({ metadata: { namespace, annotations = {} } }: ReadSecret) => {
    const { [NAME]: name = '', [UID]: uid = '' } = annotations
    const account = accounts.get(`${namespace}/${name}`)
    return account !== undefined && (uid === '' || uid === uidOf(account)) ? account : undefined
  }

  /** Whether a Pod names the Secret; each namespace is looked through once, and only where it matters. */
  const mounts = () => {
    const byNamespace = new Map<string, ReadonlySet<string>>()
    return ({ metadata: { namespace = '', name = '' } }: ReadSecret): boolean => {
      const names = byNamespace.get(namespace) ?? new Set(pods.list(namespace).flatMap(podSecretNames))
      byNamespace.set(namespace, names)
      return names.has(name)
    }
  }

  const act = async (secret: ReadSecret, verdict: 'invalidate' | 'delete', signal: AbortSignal): Promise<void> => {
    if (verdict === 'invalidate') {
      const metadata = { uid: uidOf(secret), labels: { [INVALID_SINCE]: dayOf(clock.now()) } }
      await client.patch(SECRETS, placeOf(secret), 'merge', { metadata }, undefined, signal)
      return
    }
    const { resourceVersion = '' } = secret.metadata
    await client.delete(SECRETS, placeOf(secret), { preconditions: { resourceVersion } }, signal)
  }

  const reconcile = async (_pass: string, signal: AbortSignal): Promise<Outcome> => {
    const since = clock.now() - KEEP_MS
    const tracked = await trackedSince(signal)
    if (tracked === undefined || since < tracked) return again(DAY_MS)
    const isMounted = mounts()
    for (const secret of secrets.byIndex(TOKENS, TOKENS)) {
      const account = accountOf(secret)
      const facts = { account, since, isMounted: account !== undefined && isMounted(secret) }
      const verdict = judgeToken(secret, facts)
      if (verdict === 'keep') continue
      try {
        await act(secret, verdict, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (hasReason(error, 'Conflict') || hasReason(error, 'NotFound')) continue
        log.warn('a token that nobody uses was not taken away', { secret: nameOf(secret), error })
      }
    }
    return again(DAY_MS)
  }
  const waitFor = [secrets, accounts, pods]
  return loopController({ name: 'legacy-serviceaccount-token-cleaner', queue, reconcile, log, waitFor })
}
