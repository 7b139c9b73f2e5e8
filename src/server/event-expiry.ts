/** Events live for an hour after they were last heard of (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { Event } from '../api/generated/core-v1.ts'
import { fromTime } from '../base/clock.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { ApiCore } from './core.ts'
import { commitDelete } from './verbs/commit.ts'

const LIFETIME_MS = 3_600_000
const EVERY_MS = 60_000

/** Removes events whose time has come, until `signal` aborts. What cannot be removed now is tried again with the next sweep. */
export async function expireEvents(core: ApiCore, signal: AbortSignal): Promise<void> {
  /* oxlint-disable no-await-in-loop -- one sweep after the other */
  while (!signal.aborted) {
    await core.clock.sleep(EVERY_MS, signal)
    try {
      await sweep(core)
    } catch (error) {
      core.log.warn('old events are not removed', { error })
    }
  }
  /* oxlint-enable no-await-in-loop */
}

async function sweep(core: ApiCore): Promise<void> {
  const resource = core.resources.need('v1/events')
  const now = core.clock.now()
  for (const { object, namespace, name, revision } of core.caches.of(resource).all()) {
    if (lastHeardOf(object as DeepReadonly<Event>, now) >= now - LIFETIME_MS) continue
    // oxlint-disable-next-line no-await-in-loop -- nobody waits for them: those who write go first
    await commitDelete(core, { resource, namespace, name, basedOn: revision })
  }
}

/** What an event says of the future is not believed: it would live for ever. */
function lastHeardOf(event: DeepReadonly<Event>, now: number): number {
  const { metadata, lastTimestamp, eventTime, series } = event
  const written = (metadata.managedFields ?? []).map(({ time }) => time)
  const times = [metadata.creationTimestamp, ...written, lastTimestamp, eventTime, series?.lastObservedTime]
  return Math.max(...times.map((time) => fromTime(time ?? undefined) ?? 0).filter((at) => at <= now))
}
