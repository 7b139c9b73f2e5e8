/**
 * ResourceClaim: makes the claims that Pods take from templates, and lets claims go that nobody uses any more
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates).
 */

import { createWorkQueue } from '../../base/work-queue.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { indexedCaches } from './caches.ts'
import { MadeClaims } from './made-claims.ts'
import { reconcileClaim } from './reconcile-claim.ts'
import { reconcilePod } from './reconcile-pod.ts'
import { wakeOnChanges } from './wake.ts'

export function resourceClaimController(deps: ControllerDeps): Controller {
  const { client, log } = deps
  const caches = indexedCaches(deps.informers)
  const podQueue = createWorkQueue(deps.clock)
  const claimQueue = createWorkQueue(deps.clock)
  const events = deps.events('resource_claim')
  const made = new MadeClaims()
  wakeOnChanges({ caches, made, podQueue, claimQueue })
  const parts = { client, events, caches, made }
  const common = { name: 'resourceclaim', log, waitFor: [caches.pods, caches.claims, caches.templates] }
  return controllersTogether('resourceclaim', [
    loopController({
      ...common,
      queue: podQueue,
      reconcile: (key, signal) => reconcilePod(parts, key, signal),
    }),
    loopController({
      ...common,
      queue: claimQueue,
      reconcile: (key, signal) => reconcileClaim(parts, key, signal),
    }),
  ])
}
