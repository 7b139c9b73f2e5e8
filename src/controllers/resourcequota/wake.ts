/** Which quotas are counted again when an object comes, changes or goes. */

import { RESOURCE_CLAIMS } from '../../client/resources.ts'
import type { WorkQueue } from '../../base/work-queue.ts'
import type { AnyResource } from '../kit/all-resources.ts'
import { sameJson } from '../kit/equal.ts'
import { keyOf, type ReadObject } from '../kit/ownership.ts'
import type { PacedQueue } from '../kit/pace.ts'
import type { Caches, Followed } from './caches.ts'
import { concerns } from './concerns.ts'
import type { ReadQuota } from './count.ts'

/** Changes come in bursts; counting once for all of them is enough. */
export const GATHER_MS = 100
/** What was granted and never made is noticed after so long. */
const GRANTED_MS = 1_000

/** Objects whose updates may change what they count. */
const CHANGING = new Set(['pods', 'services', 'persistentvolumeclaims', 'resourceclaims'])

export interface WakeDeps {
  readonly caches: Caches
  readonly queue: WorkQueue
  readonly paced: PacedQueue
}

/** From now on every change adds the quotas it concerns to the queue. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { caches, queue, paced } = deps
  const enqueue = (quota: ReadQuota) => queue.add(keyOf(quota))
  caches.quotas.on({
    added: enqueue,
    updated(quota, old) {
      // What is granted raises the status; it is counted with the rest, after a while.
      if (sameJson(quota.spec, old.spec)) paced.add(keyOf(quota), GRANTED_MS)
      else enqueue(quota)
    },
  })
  for (const each of caches.followed) wakeByObjects(deps, each)
  const namesChanged = () => wakeFor(deps, caches.quotas.list(), RESOURCE_CLAIMS)
  caches.classes.on({
    added: namesChanged,
    deleted: namesChanged,
    updated({ spec }, old) {
      if (spec.extendedResourceName !== old.spec.extendedResourceName) namesChanged()
    },
  })
}

function wakeByObjects(deps: WakeDeps, { resource, cache }: Followed): void {
  const wake = (object: ReadObject) => wakeFor(deps, deps.caches.quotas.list(object.metadata.namespace), resource)
  cache.on({ added: wake, deleted: wake, ...(CHANGING.has(resource.resource) ? { updated: wake } : {}) })
}

/** Wakes those of the quotas that count the resource. */
function wakeFor({ paced }: WakeDeps, quotas: readonly ReadQuota[], resource: AnyResource): void {
  for (const quota of quotas) {
    if (concerns(quota.spec?.hard ?? {}, resource)) paced.add(keyOf(quota), GATHER_MS)
  }
}
