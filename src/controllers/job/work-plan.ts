/** Which Pods an unfinished Job makes and removes now (https://kubernetes.io/docs/concepts/workloads/controllers/job/#parallel-jobs). Pure. */

import { compareLoss } from '../kit/replicas/rank.ts'
import type { ReadPod } from '../kit/pods.ts'
import { endOf, type FailureStreak, remainingWait } from './backoff.ts'
import type { JobCount } from './count.ts'
import {
  activePods,
  completionsOf,
  countIn,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  indexOf,
  isIndexed,
  isPerIndex,
  isSuspended,
  outcomeOf,
  parallelismOf,
  type ReadJob,
  replacesOnlyFailed,
  terminatingPods,
} from './facts.ts'
import { failureAction } from './failure-policy.ts'

/** The most Pods made or removed in one go. */
const BURST = 500

/** What a new Pod must know of its index. */
export interface NewPod {
  readonly index?: number
  readonly failures?: number
  readonly ignoredFailures?: number
}

export interface WorkPlan {
  readonly create: readonly NewPod[]
  /** Removed although they did nothing wrong: they do not count as failed. */
  readonly remove: readonly ReadPod[]
  /** When Pods may be made that may not be made yet. */
  readonly waitMs: number | undefined
}

export interface WorkFacts {
  readonly job: ReadJob
  readonly pods: readonly ReadPod[]
  readonly count: JobCount
  readonly streak: FailureStreak
  readonly now: number
}

const NOTHING: WorkPlan = { create: [], remove: [], waitMs: undefined }

export function planWork(facts: WorkFacts): WorkPlan {
  const { job, pods, count, streak, now } = facts
  const active = activePods(pods)
  if (isSuspended(job)) return { ...NOTHING, remove: surplus(facts, active, active.length) }

  const wanted = wantedActive(job, count, active.length)
  const remove = surplus(facts, active, active.length - wanted)
  if (remove.length > 0) return { ...NOTHING, remove }

  const leaving = replacesOnlyFailed(job) ? terminatingPods(pods).length : 0
  const missing = Math.min(wanted - leaving - active.length, BURST)
  if (missing <= 0) return NOTHING
  if (isPerIndex(job)) return planPerIndex(facts, missing)
  const wait = remainingWait(streak, now)
  if (wait > 0) return { ...NOTHING, waitMs: wait }
  const create: readonly NewPod[] = isIndexed(job)
    ? pendingIndexes(facts, missing).map((index) => ({ index }))
    : Array.from({ length: missing }, () => ({}))
  return { ...NOTHING, create }
}

/** How many Pods should be at work. Without a fixed number of completions none is added after the first success. */
function wantedActive(job: ReadJob, count: JobCount, active: number): number {
  const completions = completionsOf(job)
  const parallelism = parallelismOf(job)
  if (completions === undefined) return count.succeeded > 0 ? Math.min(active, parallelism) : parallelism
  return Math.max(0, Math.min(parallelism, completions - count.succeeded - count.failedIndexes.size))
}

/** The Pods to remove: of an index twice, of an index that is done, and then the cheapest losses. */
function surplus({ job, count, now }: WorkFacts, active: readonly ReadPod[], tooMany: number): readonly ReadPod[] {
  const ranked = active.toSorted((a, b) => compareLoss(a, b, { now, crowd: () => 0 }))
  if (!isIndexed(job)) return ranked.slice(0, Math.min(Math.max(0, tooMany), BURST))
  const seen = new Set<number>()
  const idle: ReadPod[] = []
  const useful: ReadPod[] = []
  for (const pod of ranked.toReversed()) {
    const index = indexOf(job, pod)
    const isUseful = index !== undefined && !seen.has(index) && !count.completedIndexes.has(index)
    if (index !== undefined) seen.add(index)
    if (isUseful) useful.unshift(pod)
    else idle.push(pod)
  }
  return [...idle, ...useful.slice(0, Math.max(0, tooMany - idle.length))].slice(0, BURST)
}

/** The lowest indexes that nobody works on and that are neither done nor failed. */
function pendingIndexes({ job, pods, count }: WorkFacts, wanted: number): readonly number[] {
  const taken = new Set<number>()
  const workers = replacesOnlyFailed(job) ? [...activePods(pods), ...terminatingPods(pods)] : activePods(pods)
  for (const pod of workers) {
    const index = indexOf(job, pod)
    if (index !== undefined) taken.add(index)
  }
  const pending: number[] = []
  for (let index = 0; index < (completionsOf(job) ?? 0) && pending.length < wanted; index++) {
    if (!taken.has(index) && !count.completedIndexes.has(index) && !count.failedIndexes.has(index)) pending.push(index)
  }
  return pending
}

/** Each index waits for itself, as long as its own failures demand. */
function planPerIndex(facts: WorkFacts, missing: number): WorkPlan {
  const { job, pods, now } = facts
  const lastFailed = new Map<number, ReadPod>()
  for (const pod of pods) {
    const index = outcomeOf(job, pod) === 'failed' ? indexOf(job, pod) : undefined
    if (index === undefined) continue
    const known = lastFailed.get(index)
    if (known === undefined || attempts(pod) >= attempts(known)) lastFailed.set(index, pod)
  }
  const create: NewPod[] = []
  let waitMs: number | undefined
  for (const index of pendingIndexes(facts, completionsOf(job) ?? 0)) {
    if (create.length >= missing) break
    const before = lastFailed.get(index)
    const pod = before === undefined ? { index, failures: 0 } : replacement(job, before, index)
    const tries = (pod.failures ?? 0) + ('ignoredFailures' in pod ? (pod.ignoredFailures ?? 0) : 0)
    const lastAt = before === undefined ? 0 : (endOf(before) ?? now)
    const wait = remainingWait({ failures: tries, lastAt }, now)
    if (wait > 0) waitMs = Math.min(waitMs ?? wait, wait)
    else create.push(pod)
  }
  return { create, remove: [], waitMs }
}

const attempts = (pod: ReadPod) => countIn(pod, INDEX_FAILURES) + countIn(pod, INDEX_IGNORED_FAILURES)

function replacement(job: ReadJob, before: ReadPod, index: number): NewPod {
  const failures = countIn(before, INDEX_FAILURES)
  const ignored = countIn(before, INDEX_IGNORED_FAILURES)
  return failureAction(job, before).action === 'Ignore'
    ? { index, failures, ignoredFailures: ignored + 1 }
    : { index, failures: failures + 1, ...(ignored === 0 ? {} : { ignoredFailures: ignored }) }
}
