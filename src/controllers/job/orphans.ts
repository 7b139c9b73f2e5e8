/** Pods that wait for a Job that is not there to count them. */

import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Lister } from '../../client/informer.ts'
import { controllerOf, uidOf } from '../kit/ownership.ts'
import { isTracked } from './facts.ts'
import { release } from './release.ts'

export interface OrphanDeps {
  readonly client: Client
  readonly jobs: Lister<Job>
  readonly pods: Lister<Pod>
}

/** Lets the Pod of this key go, unless its Job is there. */
export async function releaseOrphan(deps: OrphanDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const pod = deps.pods.get(key)
  if (pod === undefined || !isTracked(pod)) return settled
  const controller = controllerOf(pod)
  const job = controller === undefined ? undefined : deps.jobs.get(`${pod.metadata.namespace}/${controller.name}`)
  const isCounted = job !== undefined && uidOf(job) === controller?.uid
  if (!isCounted) await release(deps.client, [pod], signal)
  return settled
}
