/** Job: runs Pods until a number of them have succeeded (https://kubernetes.io/docs/concepts/workloads/controllers/job/). */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { JOBS, PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { candidatesOf, indexBySelector, selecting } from '../kit/selected.ts'
import { indexByController } from '../kit/indexes.ts'
import { attempt, type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { claim, controllerOf, isDeleting, keyOf, placeOf, pointsAt, uidOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { observeOwnWrites, PodControl } from '../kit/pod-control.ts'
import { isReady, type ReadPod } from '../kit/pods.ts'
import { allAtOnce } from '../kit/replicas/slow-start.ts'
import { writeStatus } from '../kit/write-status.ts'
import { type FailureStreak, NO_FAILURES, streakAfter } from './backoff.ts'
import { countAllAsFailed, countEnds } from './count.ts'
import { activePods, isJobFinished, isTracked, MANAGER, type ReadJob, terminatingPods, TRACKING } from './facts.ts'
import { decideFinish, type Finish, untilDeadline } from './finish.ts'
import { jobPod } from './make-pod.ts'
import { reportJob } from './status.ts'
import { planWork, type WorkPlan } from './work-plan.ts'

const CATCH_UP_MS = 5_000
/** What the API refuses is tried again slowly: a Job has time. */
const API_BACKOFF = { baseMs: 1_000, maxMs: 60_000 }

export function jobController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
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

  const enqueue = (job: ReadJob) => queue.add(keyOf(job))
  jobs.on({
    added: enqueue,
    updated: enqueue,
    deleted(job) {
      streaks.delete(uidOf(job))
      enqueue(job)
      for (const pod of candidatesOf(pods, job, selectorOf(job.spec?.selector)))
        if (isTracked(pod)) orphans.add(keyOf(pod))
    },
  })
  indexBySelector(jobs, ({ spec }) => selectorOf(spec?.selector))
  const wake = (pod: ReadPod) => {
    const controller = controllerOf(pod)
    if (controller === undefined) {
      if (isTracked(pod)) orphans.add(keyOf(pod))
      for (const job of selecting(jobs, pod.metadata.namespace, pod.metadata.labels)) {
        if (selectorOf(job.spec?.selector).matches(pod.metadata.labels)) enqueue(job)
      }
    } else if (pointsAt(controller, JOBS)) {
      const job = jobs.get(`${pod.metadata.namespace}/${controller.name}`)
      if (job !== undefined && uidOf(job) === controller.uid) enqueue(job)
      else if (isTracked(pod)) orphans.add(keyOf(pod))
    }
  }
  pods.on({ added: wake, updated: wake, deleted: wake })

  /** Lets Pods go whose end is counted, or does not count. */
  const release = (counted: readonly ReadPod[], signal: AbortSignal) =>
    allAtOnce(counted.filter(isTracked), async (pod) => {
      const body = { metadata: { uid: uidOf(pod), '$deleteFromPrimitiveList/finalizers': [TRACKING] } }
      try {
        await client.patch(PODS, placeOf(pod), 'strategic', body, undefined, signal)
      } catch (error) {
        if (hasReason(error, 'NotFound')) return
        if (!hasReason(error, 'Conflict') || (await isStillThere(pod, signal))) throw error
      }
    })

  /** A conflict is the end of it when the name belongs to another Pod now; else the write is to be tried again. */
  const isStillThere = async (pod: ReadPod, signal: AbortSignal): Promise<boolean> => {
    const { namespace = '', name } = placeOf(pod)
    const { items } = await client.list(PODS, { namespace, fieldSelector: `metadata.name=${name}` }, signal)
    return items.some((live) => uidOf(live) === uidOf(pod))
  }

  const act = async (
    job: ReadJob,
    plan: WorkPlan,
    finish: Finish | undefined,
    mine: readonly ReadPod[],
    signal: AbortSignal,
  ) => {
    if (finish !== undefined) {
      const doomed = activePods(mine)
      // What a fulfilled Job stops is surplus; what a failed Job stops has failed with it.
      if (finish.type === 'SuccessCriteriaMet') await release(doomed, signal)
      return control.deleteMany(job, doomed, signal)
    }
    await release(plan.remove, signal)
    await control.deleteMany(job, plan.remove, signal)
    const wanted = plan.create
    await control.createMany(job, wanted.length, (index) => jobPod(job, wanted[index] ?? {}), signal)
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const job = jobs.get(key)
    if (job?.spec === undefined || (job.spec.managedBy ?? MANAGER) !== MANAGER) {
      if (job === undefined) ownWrites.forget(key)
      return settled
    }
    if (!ownWrites.caughtUp(key) || !ownWrites.hasVersion(key, job)) return again(CATCH_UP_MS)
    const mine = await claim(
      {
        client,
        owner: job,
        ownerRef: JOBS,
        ref: PODS,
        selector: selectorOf(job.spec.selector),
        finalizers: [TRACKING],
      },
      candidatesOf(pods, job, selectorOf(job.spec.selector)),
      signal,
    )
    if (isJobFinished(job)) {
      await release(mine, signal)
      return settled
    }
    const now = clock.now()
    const ends = countEnds(job, mine)
    const streak = streakAfter(streaks.get(uidOf(job)) ?? NO_FAILURES, ends.news, now)
    const finish = decideFinish({ job, pods: mine, count: ends, now })
    const count = finish?.type === 'FailureTarget' ? countAllAsFailed(job, mine) : ends
    const plan: WorkPlan =
      finish === undefined && !isDeleting(job)
        ? planWork({ job, pods: mine, count, streak, now })
        : { create: [], remove: [], waitMs: undefined }
    const stopped = finish === undefined ? plan.remove : activePods(mine)
    const failure = await attempt(() => act(job, plan, finish, mine, signal))

    const running = activePods(mine).filter((pod) => failure !== undefined || !stopped.includes(pod))
    const { status, events: news } = reportJob({
      job,
      count,
      finish,
      active: running.length + (failure === undefined ? plan.create.length : 0),
      ready: running.filter(isReady).length,
      terminating: terminatingPods(mine).length + (failure === undefined ? stopped.length : 0),
      now,
    })
    const written = await writeStatus({ client, ref: JOBS, object: job, status, onConflict: 'throw' }, signal)
    if (written !== undefined) ownWrites.expectVersion(key, written)
    streaks.set(uidOf(job), streak)
    for (const { type, reason, message } of news) events.event(job, type, reason, message)
    await release(count.release, signal)
    if (failure !== undefined) throw failure
    const waits = [plan.waitMs, untilDeadline({ ...job, status }, now)].filter((wait) => wait !== undefined)
    return waits.length === 0 || finish !== undefined ? settled : again(Math.max(0, Math.min(...waits)))
  }

  /** A Pod that waits for a Job that is not there to count it. */
  const releaseOrphan = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const pod = pods.get(key)
    if (pod === undefined || !isTracked(pod)) return settled
    const controller = controllerOf(pod)
    const job = controller === undefined ? undefined : jobs.get(`${pod.metadata.namespace}/${controller.name}`)
    const isCounted = job !== undefined && uidOf(job) === controller?.uid
    if (!isCounted) await release([pod], signal)
    return settled
  }

  const waitFor = [jobs, pods]
  const main = loopController({ name: 'job', queue, reconcile, log: deps.log, waitFor })
  const orphan = loopController({
    name: 'job-orphan',
    queue: orphans,
    reconcile: releaseOrphan,
    log: deps.log,
    waitFor,
  })
  return controllersTogether('job', [main, orphan])
}
