/** Removes finished Jobs when their time is up (https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/). */

import type { Job } from '../../api/generated/batch-v1.ts'
import { fromTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { JOBS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, placeOf, uidOf } from '../kit/ownership.ts'

type ReadJob = DeepReadonly<Job>

/** When the Job must go, in milliseconds since the epoch; undefined for one that may stay. */
function expiryOf(job: ReadJob): number | undefined {
  const seconds = job.spec?.ttlSecondsAfterFinished
  const ended = job.status?.conditions?.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  )
  const at = fromTime(ended?.lastTransitionTime)
  return seconds === undefined || at === undefined || isDeleting(job) ? undefined : at + seconds * 1000
}

export function ttlAfterFinishedController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const jobs = deps.informers.of(JOBS)
  const queue = createWorkQueue(clock)
  const enqueue = (job: ReadJob) => {
    if (expiryOf(job) !== undefined) queue.add(keyOf(job))
  }
  jobs.on({ added: enqueue, updated: enqueue })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const cached = jobs.get(key)
    if (cached === undefined) return settled
    try {
      const job = await client.get(JOBS, placeOf(cached), signal) // its time may have been prolonged
      const expiry = expiryOf(job)
      if (expiry === undefined) return settled
      if (expiry > clock.now()) return again(expiry - clock.now())
      const { resourceVersion = '' } = job.metadata
      const preconditions = { uid: uidOf(job), resourceVersion }
      await client.delete(JOBS, placeOf(job), { propagationPolicy: 'Foreground', preconditions }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
    return settled
  }
  return loopController({ name: 'ttl-after-finished', queue, reconcile, log: deps.log, waitFor: [jobs] })
}
