/** Which Jobs and which orphaned Pods are looked at again when a Job or a Pod changes. */

import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { WorkQueue } from '../../base/work-queue.ts'
import type { Informer } from '../../client/informer.ts'
import { JOBS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { controllerOf, keyOf, pointsAt, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { candidatesOf, indexBySelector, selecting } from '../kit/selected.ts'
import { isTracked, type ReadJob } from './facts.ts'

export interface WakeDeps {
  readonly jobs: Informer<Job>
  readonly pods: Informer<Pod>
  readonly queue: WorkQueue
  /** Of Pods whose Job is gone. */
  readonly orphans: WorkQueue
  /** Called when a Job is gone. */
  readonly forget: (job: ReadJob) => void
}

/** From now on every change adds whom it concerns to the queues. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { jobs, pods, queue, orphans, forget } = deps
  const enqueue = (job: ReadJob) => queue.add(keyOf(job))
  jobs.on({
    added: enqueue,
    updated: enqueue,
    deleted(job) {
      forget(job)
      enqueue(job)
      for (const pod of candidatesOf(pods, job, selectorOf(job.spec?.selector)))
        if (isTracked(pod)) orphans.add(keyOf(pod))
    },
  })
  indexBySelector(jobs, ({ spec }) => selectorOf(spec?.selector))
  const podChanged = (pod: ReadPod) => wakeByPod(deps, pod)
  pods.on({ added: podChanged, updated: podChanged, deleted: podChanged })
}

/** Wakes the Pod's Job, or those that may adopt the Pod. */
function wakeByPod({ jobs, queue, orphans }: WakeDeps, pod: ReadPod): void {
  const { namespace, labels } = pod.metadata
  const controller = controllerOf(pod)
  if (controller === undefined) {
    if (isTracked(pod)) orphans.add(keyOf(pod))
    for (const job of selecting(jobs, namespace, labels)) {
      if (selectorOf(job.spec?.selector).matches(labels)) queue.add(keyOf(job))
    }
  } else if (pointsAt(controller, JOBS)) {
    const job = jobs.get(`${namespace}/${controller.name}`)
    if (job !== undefined && uidOf(job) === controller.uid) queue.add(keyOf(job))
    else if (isTracked(pod)) orphans.add(keyOf(pod))
  }
}
