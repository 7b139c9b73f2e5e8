/** Events live for an hour after they were last heard of (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { Event } from '../api/generated/core-v1.ts'
import { fromTime } from '../base/clock.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { ApiCore } from './core.ts'
import { commitDelete } from './verbs/commit.ts'

const LIFETIME_MS = 3_600_000
const EVERY_MS = 60_000

/** Removes events whose time has come, until `signal` aborts. */
export async function expireEvents(core: ApiCore, signal: AbortSignal): Promise<void> {
  const resource = core.resources.need('v1/events')
  const cache = core.caches.of(resource)
  /* oxlint-disable no-await-in-loop -- one sweep after the other */
  while (!signal.aborted) {
    await core.clock.sleep(EVERY_MS, signal)
    const before = core.clock.now() - LIFETIME_MS
    for (const { object, namespace, name, revision } of cache.all()) {
      if (lastHeardOf(object as DeepReadonly<Event>) >= before) continue
      await commitDelete(core, { resource, namespace, name, basedOn: revision })
    }
  }
  /* oxlint-enable no-await-in-loop */
}

function lastHeardOf({ metadata, lastTimestamp, eventTime, series }: DeepReadonly<Event>): number {
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime]
  return Math.max(...times.map((time) => fromTime(time ?? undefined) ?? 0))
}
