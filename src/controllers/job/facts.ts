/** Facts of a Job and its Pods (https://kubernetes.io/docs/concepts/workloads/controllers/job/). Pure. */

import { isActive, isTerminating } from '../../api/core/v1/pod/facts.ts'
import type { Job, JobCondition } from '../../api/generated/batch-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { ReadPod } from '../kit/pods.ts'

export type ReadJob = DeepReadonly<Job>
export type ReadCondition = DeepReadonly<JobCondition>

/** Held by a Pod until the Job's status has counted how it ended. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count'
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'
/** Who looks after a Job that names nobody. */
export const MANAGER = 'kubernetes.io/job-controller'

export const parallelismOf = (job: ReadJob): number => job.spec?.parallelism ?? 1
export const completionsOf = (job: ReadJob): number | undefined => job.spec?.completions
export const isSuspended = (job: ReadJob): boolean => job.spec?.suspend === true
export const isIndexed = (job: ReadJob): boolean => job.spec?.completionMode === 'Indexed'
export const isPerIndex = (job: ReadJob): boolean => isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined

/** The condition of that type that holds. */
export function holding(job: ReadJob, type: string): ReadCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')
}

export const isJobFinished = (job: ReadJob): boolean =>
  holding(job, 'Complete') !== undefined || holding(job, 'Failed') !== undefined

/** Whether a Pod is replaced only when it has failed, not already when its deletion begins. */
export const replacesOnlyFailed = (job: ReadJob): boolean =>
  (job.spec?.podReplacementPolicy ?? (job.spec?.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed')) ===
  'Failed'

export const isTracked = (pod: ReadPod): boolean => pod.metadata.finalizers?.includes(TRACKING) === true

/** How a Pod ended, as far as its Job is concerned. */
export function outcomeOf(job: ReadJob, pod: ReadPod): 'succeeded' | 'failed' | undefined {
  if (pod.status?.phase === 'Succeeded') return 'succeeded'
  if (pod.status?.phase === 'Failed') return 'failed'
  const isLost = pod.metadata.deletionTimestamp !== undefined && !replacesOnlyFailed(job)
  return isLost ? 'failed' : undefined
}

export const activePods = (pods: readonly ReadPod[]): readonly ReadPod[] => pods.filter(isActive)

/** Pods on their way out that may still have a process. */
export const terminatingPods = (pods: readonly ReadPod[]): readonly ReadPod[] => pods.filter(isTerminating)

/** The Pod's completion index; undefined for none, or one beyond the Job's completions. */
export function indexOf(job: ReadJob, pod: ReadPod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX]
  if (text === undefined || !/^[0-9]{1,9}$/.test(text)) return undefined
  const index = Number(text)
  return index < (completionsOf(job) ?? 0) ? index : undefined
}

/** A count kept in an annotation. */
export function countIn(pod: ReadPod, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation]
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : 0
}
