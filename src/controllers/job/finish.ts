/** Whether a Job is over, and how (https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup). Pure. */

import { fromTime } from '../../base/clock.ts'
import type { ReadPod } from '../kit/pods.ts'
import type { JobCount } from './count.ts'
import { activePods, completionsOf, holding, isIndexed, isPerIndex, isSuspended, type ReadJob } from './facts.ts'
import { successPolicyMet } from './success-policy.ts'

/** The end a Job is heading for: first its Pods are stopped, then it is Complete or Failed. */
export interface Finish {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget'
  readonly reason: string
  readonly message: string
}

export interface FinishFacts {
  readonly job: ReadJob
  readonly pods: readonly ReadPod[]
  readonly count: JobCount
  readonly now: number
}

/** An end once decided stands. */
export function decideFinish(facts: FinishFacts): Finish | undefined {
  return decided(facts.job) ?? decideFailure(facts) ?? decideSuccess(facts)
}

function decided(job: ReadJob): Finish | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const condition = holding(job, type)
    if (condition !== undefined) return { type, reason: condition.reason ?? '', message: condition.message ?? '' }
  }
  return undefined
}

const failure = (reason: string, message: string): Finish => ({ type: 'FailureTarget', reason, message })

function decideFailure({ job, pods, count, now }: FinishFacts): Finish | undefined {
  if (count.failJob !== undefined) return failure('PodFailurePolicy', count.failJob)
  if (count.failed > backoffLimit(job) || restartsExhausted(job, pods)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const wait = untilDeadline(job, now)
  if (wait !== undefined && wait <= 0) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  }
  return isPerIndex(job) ? decideIndexFailure(job, count) : undefined
}

/** Without a limit per index, and none of its own, a Job gives up after six failures. */
function backoffLimit(job: ReadJob): number {
  return job.spec?.backoffLimit ?? (isPerIndex(job) ? Number.MAX_SAFE_INTEGER : 6)
}

function decideIndexFailure(job: ReadJob, count: JobCount): Finish | undefined {
  const failed = count.failedIndexes.size
  const { maxFailedIndexes } = job.spec ?? {}
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  }
  const isOver = failed > 0 && failed + count.completedIndexes.size >= (completionsOf(job) ?? 0)
  return isOver ? failure('FailedIndexes', 'Job has failed indexes') : undefined
}

function decideSuccess({ job, pods, count }: FinishFacts): Finish | undefined {
  const met = successPolicyMet(job, count.completedIndexes)
  if (met !== undefined) return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: met }
  const completions = completionsOf(job)
  const isReached =
    completions === undefined
      ? count.succeeded > 0 && activePods(pods).length === 0
      : count.succeeded >= completions && (!isIndexed(job) || count.completedIndexes.size >= completions)
  if (!isReached) return undefined
  return {
    type: 'SuccessCriteriaMet',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  }
}

/** With `restartPolicy: OnFailure` the restarts inside the Pods are what counts. */
function restartsExhausted(job: ReadJob, pods: readonly ReadPod[]): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false
  const restarts = pods
    .filter((pod) => pod.status?.phase === 'Running' || pod.status?.phase === 'Pending')
    .flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
    .reduce((total, status) => total + status.restartCount, 0)
  const limit = backoffLimit(job)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** Milliseconds until `activeDeadlineSeconds` are over; undefined when nothing runs out. */
export function untilDeadline(job: ReadJob, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds
  const start = fromTime(job.status?.startTime)
  if (seconds === undefined || start === undefined || isSuspended(job)) return undefined
  return start + seconds * 1000 - now
}
