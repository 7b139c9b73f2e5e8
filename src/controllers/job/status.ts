/** What a Job reports (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/#JobStatus). Pure. */

import type { JobStatus } from '../../api/generated/batch-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { JobCount } from './count.ts'
import { isIndexed, isPerIndex, isSuspended, type ReadCondition, type ReadJob } from './facts.ts'
import type { Finish } from './finish.ts'
import { formatIndexes } from './index-set.ts'

export interface StatusFacts {
  readonly job: ReadJob
  readonly count: JobCount
  readonly finish: Finish | undefined
  readonly active: number
  readonly ready: number
  readonly terminating: number
  readonly now: number
}

export interface JobEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface JobReport {
  readonly status: DeepReadonly<JobStatus>
  /** Told once the status is written. */
  readonly events: readonly JobEvent[]
}

/** The status, and what is worth telling about it. */
export function reportJob(facts: StatusFacts): JobReport {
  const { job, count, active, ready, terminating, now } = facts
  const { conditions, events, isComplete, change } = conditionsAfter(facts)
  const before = job.status ?? {}
  const started = startTimeAfter(facts, change)
  const completionTime = isComplete ? toTime(now) : before.completionTime
  return {
    events,
    status: {
      ...(conditions.length === 0 ? {} : { conditions }),
      ...(started === undefined ? {} : { startTime: started }),
      ...(completionTime === undefined ? {} : { completionTime }),
      ...(active === 0 ? {} : { active }),
      ...(count.settledSucceeded === 0 ? {} : { succeeded: count.settledSucceeded }),
      ...(count.settledFailed === 0 ? {} : { failed: count.settledFailed }),
      terminating,
      ...(isIndexed(job) && count.completedIndexes.size > 0
        ? { completedIndexes: formatIndexes(count.completedIndexes) }
        : {}),
      ...(isPerIndex(job) ? { failedIndexes: formatIndexes(count.failedIndexes) } : {}),
      uncountedTerminatedPods: {
        ...(count.uncounted.succeeded.length === 0 ? {} : { succeeded: count.uncounted.succeeded }),
        ...(count.uncounted.failed.length === 0 ? {} : { failed: count.uncounted.failed }),
      },
      ready,
    },
  }
}

/** A Job starts anew when it is resumed; while it is suspended it has no start. */
function startTimeAfter({ job, now }: StatusFacts, change: Conditions['change']): string | undefined {
  if (change === 'suspended') return undefined
  const before = job.status?.startTime
  return change === 'resumed' || (before === undefined && !isSuspended(job)) ? toTime(now) : before
}

interface Conditions {
  readonly conditions: readonly ReadCondition[]
  readonly events: readonly JobEvent[]
  readonly isComplete: boolean
  readonly change: 'suspended' | 'resumed' | undefined
}

function conditionsAfter(facts: StatusFacts): Conditions {
  const { job, finish, now } = facts
  const before = job.status?.conditions ?? []
  if (finish === undefined) return suspension(job, before, now)
  const { type, reason, message } = finish
  const aimed = withCondition(before, { type, status: 'True', reason, message }, now)
  if (!mayEnd(facts)) return { conditions: aimed, events: [], isComplete: false, change: undefined }
  const isComplete = type === 'SuccessCriteriaMet'
  const end = isComplete ? 'Complete' : 'Failed'
  return {
    conditions: withCondition(aimed, { type: end, status: 'True', reason, message }, now),
    events: [
      isComplete
        ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
        : { type: 'Warning', reason, message },
    ],
    isComplete,
    change: undefined,
  }
}

/** A Job is over when every Pod has stopped and every end is counted. */
const mayEnd = ({ active, terminating, count: { uncounted } }: StatusFacts) =>
  active === 0 && terminating === 0 && uncounted.succeeded.length === 0 && uncounted.failed.length === 0

function suspension(job: ReadJob, before: readonly ReadCondition[], now: number): Conditions {
  const known = before.find((condition) => condition.type === 'Suspended')
  const none = { conditions: before, events: [], isComplete: false, change: undefined }
  if (isSuspended(job)) {
    if (known?.status === 'True') return none
    const news = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const
    const events = [{ type: 'Normal', reason: 'Suspended', message: 'Job suspended' }] as const
    return { ...none, conditions: withCondition(before, news, now), events, change: 'suspended' }
  }
  if (known?.status !== 'True') return none
  const news = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const
  const events = [{ type: 'Normal', reason: 'Resumed', message: 'Job resumed' }] as const
  return { ...none, conditions: withCondition(before, news, now), events, change: 'resumed' }
}

type News = Pick<ReadCondition, 'type' | 'status'> & { readonly reason: string; readonly message: string }

function withCondition(conditions: readonly ReadCondition[], news: News, now: number): readonly ReadCondition[] {
  const at = conditions.findIndex((condition) => condition.type === news.type)
  if (conditions[at]?.status === news.status) return conditions
  const time = toTime(now)
  const { type, status, reason, message } = news
  const changed = { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message }
  return at < 0 ? [...conditions, changed] : conditions.with(at, changed)
}
