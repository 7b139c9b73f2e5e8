/**
 * Notes which tokens in Secrets are still used, and from when on that is noted
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-tracking-controller).
 */

import { dayOf, isDay, LAST_USED, TRACKING } from '../../api/core/v1/secret/legacy-tokens.ts'
import type { ConfigMap, Secret } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS, SECRETS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'

const DAY_MS = 86_400_000
/** So often it is looked whether the ConfigMap is as it should be. */
const LOOK_MS = 60_000
/** It is made no more often than this: another server may want it gone. */
const CREATE_MS = 1_800_000

export interface TrackingDeps {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
}

/** Writes the day into the Secret of a token that was just used. A failure is nobody's who uses it. */
export async function noteUse({ client, clock, log }: TrackingDeps, secret: DeepReadonly<Secret>): Promise<void> {
  const { namespace = '', name = '', uid, labels } = secret.metadata
  const [today, tomorrow] = [dayOf(clock.now()), dayOf(clock.now() + DAY_MS)]
  const lastUsed = labels?.[LAST_USED]
  if (lastUsed === today || lastUsed === tomorrow) return
  try {
    const metadata = { uid, labels: { [LAST_USED]: today } }
    await client.patch(SECRETS, { namespace, name }, 'merge', { metadata })
  } catch (error) {
    log.warn('the use of a token in a Secret was not noted', { namespace, name, error })
  }
}

/** Keeps the ConfigMap that says since when uses are noted, until `signal` aborts. */
export async function keepTracking(
  deps: TrackingDeps & { readonly configMaps: WatchCache },
  signal: AbortSignal,
): Promise<void> {
  const { client, clock, log, configMaps } = deps
  let mayCreate = clock.monotonic()
  for (;;) {
    try {
      const found = configMaps.get(TRACKING.namespace, TRACKING.name)?.object as DeepReadonly<ConfigMap> | undefined
      const data = { ...found?.data, since: dayOf(clock.now()) }
      if (found === undefined && clock.monotonic() >= mayCreate) {
        await client.create(CONFIG_MAPS, { metadata: { ...TRACKING }, data }, undefined, signal)
        mayCreate = clock.monotonic() + CREATE_MS
      } else if (found !== undefined && !isDay(found.data?.['since'])) {
        await client.update(CONFIG_MAPS, { ...found, data }, undefined, signal)
      }
    } catch (error) {
      signal.throwIfAborted()
      const isOthers = ['AlreadyExists', 'Conflict', 'NotFound'] as const
      if (!isOthers.some((reason) => hasReason(error, reason))) log.warn('uses of tokens are not tracked', { error })
    }
    await clock.sleep(LOOK_MS, signal)
  }
}
