/** Which Pods and claims are looked at again when a Pod, a claim or a template changes. */

import { podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import type { WorkQueue } from '../../base/work-queue.ts'
import { keyOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type Caches, claimNamed, claimsOwnedBy, namedClaims, podsNaming, podsOfTemplate } from './caches.ts'
import { isDone, needsWork, type ReadClaim, type ReadTemplate } from './claims.ts'
import type { MadeClaims } from './made-claims.ts'

export interface WakeDeps {
  readonly caches: Caches
  readonly made: MadeClaims
  readonly podQueue: WorkQueue
  readonly claimQueue: WorkQueue
}

/** From now on every change adds whom it concerns to the queues. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { caches, made, claimQueue } = deps
  const wakeUsers = (claim: ReadClaim) => podsNaming(caches, claim).forEach((pod) => wakePod(deps, pod))
  const podChanged = (pod: ReadPod) => {
    if (isDone(pod)) wakeClaimsOf(deps, pod)
    wakePod(deps, pod)
  }
  caches.pods.on({
    added: podChanged,
    updated: podChanged,
    deleted(pod) {
      wakeClaimsOf(deps, pod)
      made.forget(pod)
    },
  })
  const claimChanged = (claim: ReadClaim) => {
    made.saw(claim)
    claimQueue.add(keyOf(claim))
    wakeUsers(claim)
  }
  caches.claims.on({
    added: claimChanged,
    updated: claimChanged,
    deleted(claim) {
      made.saw(claim)
      wakeUsers(claim)
    },
  })
  const templateChanged = (template: ReadTemplate) => {
    for (const pod of podsOfTemplate(caches, template)) wakePod(deps, pod)
  }
  caches.templates.on({ added: templateChanged, updated: templateChanged })
}

function wakePod({ caches, podQueue }: WakeDeps, pod: ReadPod): void {
  if (podClaimsOf(pod).length > 0 && needsWork(pod, (name) => claimNamed(caches, pod, name))) podQueue.add(keyOf(pod))
}

/** Claims of a Pod that is gone or will not run have one user less. */
function wakeClaimsOf({ caches, claimQueue }: WakeDeps, pod: ReadPod): void {
  for (const key of namedClaims(pod)) claimQueue.add(key)
  for (const claim of claimsOwnedBy(caches, pod)) claimQueue.add(keyOf(claim))
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName
  if (extended !== undefined) claimQueue.add(`${pod.metadata.namespace}/${extended}`)
}
