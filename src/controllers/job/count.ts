/**
 * Counts each Pod's end once, even when the Pod is deleted right away or we crash in between: a Pod keeps a finalizer
 * until its uid stands in the status, and its uid stands there until the finalizer is gone
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers). Pure.
 */

import { isDeleting, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import {
  completionsOf,
  countIn,
  INDEX_FAILURES,
  indexOf,
  isIndexed,
  isPerIndex,
  isTracked,
  outcomeOf,
  type ReadJob,
} from './facts.ts'
import { failureAction, type FailureAction } from './failure-policy.ts'
import { parseIndexes } from './index-set.ts'

export interface JobCount {
  /** All successes and failures, also those on their way through `uncounted` and those whose Pods wait. */
  readonly succeeded: number
  readonly failed: number
  /** Those that are final in the status. */
  readonly settledSucceeded: number
  readonly settledFailed: number
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
  readonly completedIndexes: ReadonlySet<number>
  readonly failedIndexes: ReadonlySet<number>
  /** Pods whose finalizer may go once the status is written. */
  readonly release: readonly ReadPod[]
  /** Ends that are counted for the first time. */
  readonly news: readonly { readonly pod: ReadPod; readonly outcome: 'succeeded' | 'failed' }[]
  /** Set by a failure policy's FailJob rule. */
  readonly failJob: string | undefined
}

/** The state of the count, given the Job's status and its Pods as the cache has them. */
export function countEnds(job: ReadJob, pods: readonly ReadPod[]): JobCount {
  const counting = new Counting(job, pods)
  for (const pod of pods.filter(isTracked)) counting.take(pod)
  return counting.result()
}

/** The count of a Job that has failed: what still runs is stopped, and has failed with it. */
export function countAllAsFailed(job: ReadJob, pods: readonly ReadPod[]): JobCount {
  const counting = new Counting(job, pods)
  for (const pod of pods.filter(isTracked)) counting.take(pod)
  for (const pod of pods.filter(isTracked)) counting.takeStopped(pod)
  return counting.result()
}

class Counting {
  readonly #job: ReadJob
  readonly #pods: readonly ReadPod[]
  readonly #succeeded: Set<string>
  readonly #failed: Set<string>
  readonly #completed: Set<number>
  readonly #failedIndexes: Set<number>
  readonly #release: ReadPod[] = []
  readonly #news: { readonly pod: ReadPod; readonly outcome: 'succeeded' | 'failed' }[] = []
  #settledSucceeded: number
  #settledFailed: number
  /** Failures that are not counted yet: their Pods wait for their replacements. */
  #awaited = 0
  #failJob: string | undefined

  constructor(job: ReadJob, pods: readonly ReadPod[]) {
    this.#job = job
    this.#pods = pods
    const { status = {} } = job
    const held = new Set(pods.filter(isTracked).map(uidOf))
    const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
    const stillHeld = (uids: readonly string[]) => new Set(uids.filter((uid) => held.has(uid)))
    this.#succeeded = stillHeld(succeeded)
    this.#failed = stillHeld(failed)
    this.#settledSucceeded = (status.succeeded ?? 0) + succeeded.length - this.#succeeded.size
    this.#settledFailed = (status.failed ?? 0) + failed.length - this.#failed.size
    const limit = completionsOf(job) ?? 0
    this.#completed = isIndexed(job) ? parseIndexes(status.completedIndexes, limit) : new Set()
    this.#failedIndexes = isPerIndex(job) ? parseIndexes(status.failedIndexes, limit) : new Set()
  }

  take(pod: ReadPod): void {
    const outcome = outcomeOf(this.#job, pod)
    if (outcome === 'succeeded' && !this.#failed.has(uidOf(pod))) this.#takeSuccess(pod)
    else if (outcome !== undefined) this.#takeFailure(pod)
    else if (isDeleting(this.#job) && isDeleting(pod)) this.#release.push(pod)
  }

  /** Takes what has no end yet as failed; its index is not a failed one for that. */
  takeStopped(pod: ReadPod): void {
    if (this.#release.includes(pod)) return
    this.#release.push(pod)
    const isCounted = !isIndexed(this.#job) || indexOf(this.#job, pod) !== undefined
    if (isCounted && failureAction(this.#job, pod).action !== 'Ignore') this.#failed.add(uidOf(pod))
  }

  #takeSuccess(pod: ReadPod): void {
    this.#release.push(pod)
    if (isIndexed(this.#job)) {
      const index = indexOf(this.#job, pod)
      if (index === undefined || this.#completed.has(index)) return
      this.#completed.add(index)
    } else {
      if (this.#succeeded.has(uidOf(pod))) return
      this.#succeeded.add(uidOf(pod))
    }
    this.#news.push({ pod, outcome: 'succeeded' })
  }

  #takeFailure(pod: ReadPod): void {
    const verdict = failureAction(this.#job, pod)
    if (verdict.action === 'FailJob') this.#failJob ??= verdict.message
    if (this.#isAwaited(pod, verdict.action)) {
      if (verdict.action !== 'Ignore') this.#awaited++
      return
    }
    this.#release.push(pod)
    if (verdict.action === 'Ignore' || this.#failed.has(uidOf(pod))) return
    this.#failed.add(uidOf(pod))
    this.#news.push({ pod, outcome: 'failed' })
  }

  /** With a limit per index the last failed Pod of an index stays until its replacement knows how often it failed. */
  #isAwaited(pod: ReadPod, action: FailureAction['action']): boolean {
    const index = isPerIndex(this.#job) ? indexOf(this.#job, pod) : undefined
    if (index === undefined || isDeleting(this.#job)) return false
    const failures = countIn(pod, INDEX_FAILURES)
    const isExhausted = action !== 'Ignore' && failures >= (this.#job.spec?.backoffLimitPerIndex ?? 0)
    if (action === 'FailIndex' || isExhausted) {
      this.#failedIndexes.add(index)
      return false
    }
    if (this.#completed.has(index) || this.#failedIndexes.has(index)) return false
    const isReplaced = this.#pods.some(
      (other) => other !== pod && indexOf(this.#job, other) === index && isAfter(other, pod),
    )
    return !isReplaced
  }

  result(): JobCount {
    if (isIndexed(this.#job)) this.#settledSucceeded = this.#completed.size
    for (const index of this.#completed) this.#failedIndexes.delete(index)
    return {
      succeeded: this.#settledSucceeded + this.#succeeded.size,
      failed: this.#settledFailed + this.#failed.size + this.#awaited,
      settledSucceeded: this.#settledSucceeded,
      settledFailed: this.#settledFailed,
      uncounted: { succeeded: [...this.#succeeded], failed: [...this.#failed] },
      completedIndexes: this.#completed,
      failedIndexes: this.#failedIndexes,
      release: this.#release,
      news: this.#news,
      failJob: this.#failJob,
    }
  }
}

/** Whether `other` was made to replace `pod`. */
function isAfter(other: ReadPod, pod: ReadPod): boolean {
  const made = (object: ReadPod) => object.metadata.creationTimestamp ?? ''
  if (made(other) !== made(pod)) return made(other) > made(pod)
  return failuresBefore(other) > failuresBefore(pod)
}

const failuresBefore = (pod: ReadPod) => countIn(pod, INDEX_FAILURES)
