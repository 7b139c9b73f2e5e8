/** Job: runs Pods until a number of them have succeeded (https://kubernetes.io/docs/concepts/workloads/controllers/job/). */

import { createWorkQueue } from '../../base/work-queue.ts'
import { JOBS, PODS } from '../../client/resources.ts'
import { indexByController } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { uidOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { observeOwnWrites, PodControl } from '../kit/pod-control.ts'
import type { FailureStreak } from './backoff.ts'
import { releaseOrphan } from './orphans.ts'
import { reconcileJob } from './reconcile.ts'
import { wakeOnChanges } from './wake.ts'

/** What the API refuses is tried again slowly: a Job has time. */
const API_BACKOFF = { baseMs: 1_000, maxMs: 60_000 }

export function jobController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const jobs = deps.informers.of(JOBS)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock, API_BACKOFF)
  const orphans = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events('job-controller')
  const control = new PodControl({ client, events, ownWrites })
  const streaks = new Map<string, FailureStreak>()
  indexByController(pods)
  observeOwnWrites(pods, ownWrites)
  wakeOnChanges({ jobs, pods, queue, orphans, forget: (job) => streaks.delete(uidOf(job)) })

  const parts = { client, clock, jobs, pods, ownWrites, events, control, streaks }
  const common = { log, waitFor: [jobs, pods] }
  return controllersTogether('job', [
    loopController({
      ...common,
      name: 'job',
      queue,
      reconcile: (key, signal) => reconcileJob(parts, key, signal),
    }),
    loopController({
      ...common,
      name: 'job-orphan',
      queue: orphans,
      reconcile: (key, signal) => releaseOrphan(parts, key, signal),
    }),
  ])
}
