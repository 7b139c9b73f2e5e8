/** One look at one Job: counts its Pods, makes and removes some, and reports. */

import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import { JOBS, PODS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { Events } from '../kit/events.ts'
import { attempt } from '../kit/loop.ts'
import { claim, uidOf } from '../kit/ownership.ts'
import type { OwnWrites } from '../kit/own-writes.ts'
import type { PodControl } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { candidatesOf } from '../kit/selected.ts'
import { writeStatus } from '../kit/write-status.ts'
import { type FailureStreak, NO_FAILURES } from './backoff.ts'
import { decideJob, factsAfter, type JobVerdict, type JobView } from './decide.ts'
import { isJobFinished, MANAGER, type ReadJob, TRACKING } from './facts.ts'
import { untilDeadline } from './finish.ts'
import { jobPod } from './make-pod.ts'
import { release } from './release.ts'
import { type JobReport, reportJob } from './status.ts'

const CATCH_UP_MS = 5_000

export interface JobDeps {
  readonly client: Client
  readonly clock: Clock
  readonly jobs: Lister<Job>
  readonly pods: Informer<Pod>
  readonly ownWrites: OwnWrites
  readonly events: Events
  readonly control: PodControl
  /** By the uids of Jobs. */
  readonly streaks: Map<string, FailureStreak>
}

export async function reconcileJob(deps: JobDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client, ownWrites } = deps
  const job = deps.jobs.get(key)
  if (job?.spec === undefined || (job.spec.managedBy ?? MANAGER) !== MANAGER) {
    if (job === undefined) ownWrites.forget(key)
    return settled
  }
  if (!ownWrites.caughtUp(key) || !ownWrites.hasVersion(key, job)) return again(CATCH_UP_MS)
  const pods = await claimPods(deps, job, signal)
  if (!isJobFinished(job)) return goOn(deps, key, { job, pods, now: deps.clock.now() }, signal)
  await release(client, pods, signal)
  return settled
}

function claimPods({ client, pods }: JobDeps, job: ReadJob, signal: AbortSignal): Promise<readonly ReadPod[]> {
  const selector = selectorOf(job.spec?.selector)
  return claim(
    { client, owner: job, ownerRef: JOBS, ref: PODS, selector, finalizers: [TRACKING] },
    candidatesOf(pods, job, selector),
    signal,
  )
}

/** One step of a Job that is not over. What the status counts is released only after it was written. */
async function goOn(deps: JobDeps, key: string, view: JobView, signal: AbortSignal): Promise<Outcome> {
  const { job, now } = view
  const uid = uidOf(job)
  const verdict = decideJob(view, deps.streaks.get(uid) ?? NO_FAILURES)
  const failure = await attempt(() => act(deps, job, verdict, signal))
  const report = reportJob(factsAfter(view, verdict, failure !== undefined))
  await write(deps, key, { job, report }, signal)
  deps.streaks.set(uid, verdict.streak)
  for (const { type, reason, message } of report.events) deps.events.event(job, type, reason, message)
  await release(deps.client, verdict.count.release, signal)
  if (failure !== undefined) throw failure
  const { finish, plan } = verdict
  const waits = [plan.waitMs, untilDeadline({ ...job, status: report.status }, now)].filter(
    (wait) => wait !== undefined,
  )
  return waits.length === 0 || finish !== undefined ? settled : again(Math.max(0, Math.min(...waits)))
}

async function act(
  { client, control }: JobDeps,
  job: ReadJob,
  { finish, plan, stop }: JobVerdict,
  signal: AbortSignal,
): Promise<void> {
  // What a fulfilled Job stops is surplus; what a failed Job stops has failed with it.
  if (finish?.type !== 'FailureTarget') await release(client, stop, signal)
  await control.deleteMany(job, stop, signal)
  if (finish !== undefined) return
  await control.createMany(job, plan.create.length, (index) => jobPod(job, plan.create[index] ?? {}), signal)
}

async function write(
  { client, ownWrites }: JobDeps,
  key: string,
  { job, report }: { readonly job: ReadJob; readonly report: JobReport },
  signal: AbortSignal,
): Promise<void> {
  const { status } = report
  const written = await writeStatus({ client, ref: JOBS, object: job, status, onConflict: 'throw' }, signal)
  if (written !== undefined) ownWrites.expectVersion(key, written)
}
