/** CronJob, batch/v1: Jobs on a schedule (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { ageOf } from '../../../../meta/human-duration.ts'
import { byteLength, subdomainName } from '../../../../meta/names.ts'
import { invalidValue, nonNegative, notSupported, required } from '../../../../meta/validation.ts'
import type { CronJob, CronJobSpec, CronJobStatus } from '../../../generated/batch-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../../../core/v1/pod/defaults.ts'
import { validateJobSpec } from '../job/validate.ts'
import { podNameWarnings } from '../../../workload/warnings.ts'
import { jobSpecWarnings } from '../job/warnings.ts'
import { scheduleFault, timeZoneFault } from './schedule.ts'

/** Eleven letters are left for the time that is appended to the names of its Jobs. */
const MAX_NAME = 52

const OLD_TIME_ZONE =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'

export const cronJobs = defineResource<CronJob>('batch/v1/cronjobs', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.jobTemplate?.spec?.template?.spec),
  setDefaults: ({ spec }) => {
    if (spec !== undefined) defaultCronJob(spec)
  },
  prepareForCreate: (draft) => {
    draft.status = {}
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? {}) as CronJobStatus
  },
  validate: (object, root) => [...validateName(object), ...validateCronJob(object.spec, root.child('spec'))],
  judgesStatusMetadata: false,
  validateUpdate: (object, old, root) => validateCronJob(object.spec, root.child('spec'), old.spec),
  warnings: (cronJob, old) => [
    ...(old === undefined ? podNameWarnings(cronJob) : []),
    ...(old !== undefined && old.metadata.generation === cronJob.metadata.generation
      ? []
      : jobSpecWarnings(cronJob.spec?.jobTemplate?.spec, fieldPath('spec', 'jobTemplate', 'spec'))),
    ...(old !== undefined && cronJob.spec?.schedule.includes('TZ') === true ? [OLD_TIME_ZONE] : []),
  ],
  validateName: subdomainName,
  columns: [
    nameColumn(),
    { name: 'Schedule', type: 'string', cell: ({ spec }) => spec?.schedule },
    { name: 'Timezone', type: 'string', cell: ({ spec }) => spec?.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', cell: ({ spec }) => suspendText(spec?.suspend) },
    { name: 'Active', type: 'integer', cell: ({ status }) => status?.active?.length ?? 0 },
    {
      name: 'Last Schedule',
      type: 'string',
      cell: ({ status }, now) =>
        status?.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now),
    },
    ageColumn(),
    ...(['Containers', 'Images'] as const).map((name) => ({
      name,
      type: 'string' as const,
      wide: true,
      cell: ({ spec }: DeepReadonly<CronJob>) =>
        (spec?.jobTemplate.spec?.template.spec?.containers ?? [])
          .map((container) => (name === 'Images' ? (container.image ?? '') : container.name))
          .join(),
    })),
    { name: 'Selector', type: 'string', wide: true, cell: () => '<none>' },
  ],
})

const suspendText = (suspend: boolean | undefined) => (suspend === undefined ? '<unset>' : suspend ? 'True' : 'False')

function defaultCronJob(spec: CronJobSpec): void {
  spec.concurrencyPolicy ??= 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
  // What the Jobs are given beyond their Pods is filled in when they are made.
  const template = spec.jobTemplate?.spec?.template
  if (template !== undefined) defaultPodTemplate(template)
}

function validateName({ metadata }: DeepReadonly<CronJob>): FieldError[] {
  const { name = '' } = metadata
  if (byteLength(name) <= MAX_NAME) return []
  return [invalidValue(fieldPath('metadata', 'name'), name, `must be no more than ${MAX_NAME} characters`)]
}

const POLICIES = ['Allow', 'Forbid', 'Replace']

function validateCronJob(
  spec: DeepReadonly<CronJobSpec> | undefined,
  path: FieldPath,
  old?: DeepReadonly<CronJobSpec>,
): FieldError[] {
  if (spec === undefined) return [required(path)]
  const { schedule = '', timeZone, concurrencyPolicy: policy } = spec
  const faults: FieldError[] = []
  if (schedule === '') faults.push(required(path.child('schedule')))
  else {
    const fault = scheduleFault(schedule, timeZone !== undefined)
    if (fault !== undefined) faults.push(invalidValue(path.child('schedule'), schedule, fault))
  }
  faults.push(...nonNegative(spec.startingDeadlineSeconds, path.child('startingDeadlineSeconds')))
  if (timeZone !== undefined) {
    const fault = timeZoneFault(timeZone)
    if (fault !== undefined) faults.push(invalidValue(path.child('timeZone'), timeZone, fault))
  }
  if (policy === undefined || policy === ('' as string)) {
    faults.push(required(path.child('concurrencyPolicy')))
  } else if (!POLICIES.includes(policy)) faults.push(notSupported(path.child('concurrencyPolicy'), policy, POLICIES))
  const template = path.child('jobTemplate', 'spec')
  if (spec.jobTemplate?.spec === undefined) faults.push(required(template))
  else {
    const { selector, manualSelector } = spec.jobTemplate.spec
    faults.push(...validateJobSpec(spec.jobTemplate.spec, template, old?.jobTemplate?.spec))
    if (selector !== undefined) {
      faults.push(invalidValue(template.child('selector'), selector, '`selector` will be auto-generated'))
    }
    if (manualSelector === true) {
      faults.push(notSupported(template.child('manualSelector'), true, ['nil', 'false']))
    }
  }
  faults.push(...nonNegative(spec.successfulJobsHistoryLimit, path.child('successfulJobsHistoryLimit')))
  faults.push(...nonNegative(spec.failedJobsHistoryLimit, path.child('failedJobsHistoryLimit')))
  return faults
}
