/** The Job of one due time (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#job-template). Pure. */

import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { ObjectReference } from '../../api/generated/core-v1.ts'
import { CRON_JOBS } from '../../client/resources.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import { controllerReference, nameOf, uidOf } from '../kit/ownership.ts'
import type { ReadCronJob, ReadJob } from './due.ts'
import { type WallClock, wallTimestamp } from './next-time.ts'

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** When a Job is due, and by which clock. */
export interface Appointment {
  readonly due: number
  readonly wall: WallClock
}

/** One name for one due time: two controllers cannot start it twice. */
export const jobName = (cronJob: ReadCronJob, due: number): string => `${nameOf(cronJob)}-${Math.floor(due / 60_000)}`

export function newJob(cronJob: ReadCronJob, { due, wall }: Appointment): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, due),
      namespace: cronJob.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      annotations: { ...metadata.annotations, [SCHEDULED_AT]: wallTimestamp(due, wall) },
      ownerReferences: [controllerReference(cronJob, CRON_JOBS)],
    },
    ...(spec === undefined ? {} : { spec: draftOf<JobSpec>(spec) }),
  }
}

/** How the status of a CronJob lists an active Job. */
export const referenceTo = (job: ReadJob): ObjectReference => ({
  kind: 'Job',
  apiVersion: 'batch/v1',
  namespace: job.metadata.namespace ?? '',
  name: nameOf(job),
  uid: uidOf(job),
  resourceVersion: job.metadata.resourceVersion ?? '',
})
