/** Counts what a namespace uses against its ResourceQuotas (https://kubernetes.io/docs/concepts/policy/resource-quotas/). */

import { createWorkQueue } from '../../base/work-queue.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { PacedQueue } from '../kit/pace.ts'
import { openCaches } from './caches.ts'
import { reconcileQuota } from './reconcile.ts'
import { wakeOnChanges } from './wake.ts'

export function resourceQuotaController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const caches = openCaches(deps.informers)
  const queue = createWorkQueue(clock)
  const paced = new PacedQueue(queue, clock)
  wakeOnChanges({ caches, queue, paced })
  const { quotas, definitions, classes, followed } = caches
  return loopController({
    name: 'resourcequota',
    queue,
    reconcile: (key, signal) => reconcileQuota({ client, clock, caches, paced }, key, signal),
    log: deps.log,
    waitFor: [quotas, definitions, classes, ...followed.map(({ cache }) => cache)],
  })
}
