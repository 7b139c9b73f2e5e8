/** Job, batch/v1: Pods that run to completion (https://kubernetes.io/docs/concepts/workloads/controllers/job/). */

import { fromTime } from '../../../../base/clock.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import { findCondition } from '../../../../meta/conditions.ts'
import { humanDuration } from '../../../../meta/human-duration.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../../../core/v1/pod/defaults.ts'
import type { Job, JobSpec } from '../../../generated/batch-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn, selectorColumn, templateColumns } from '../../../workload/columns.ts'
import { CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME } from './labels.ts'
import { podNameWarnings } from '../../../workload/warnings.ts'
import { jobSpecWarnings } from './warnings.ts'
import { validateJobStatus } from './validate-status.ts'
import { validateJobUpdate } from './validate-update.ts'
import { validateJob } from './validate.ts'

export const jobs = defineResource<Job>('batch/v1/jobs', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.template?.spec),
  setDefaults: ({ metadata, spec }) => {
    if (spec === undefined) return
    defaultJob(spec)
    const labels = spec.template?.metadata?.labels
    if (metadata.labels === undefined && labels !== undefined && Object.keys(labels).length > 0)
      metadata.labels = labels // the very same: what is added to the one below stands in both
  },
  prepareForCreate: (draft) => {
    draft.status = {}
    if (draft.spec !== undefined && draft.spec.manualSelector !== true) generateSelector(draft, draft.spec)
  },
  // When it is read again it is given defaults again, and its template has labels by now.
  beforeStore: (draft) => {
    const labels = draft.spec?.template.metadata?.labels
    if (Object.keys(draft.metadata.labels ?? {}).length === 0 && labels !== undefined)
      draft.metadata.labels = { ...labels }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? {}) as NonNullable<Job['status']>
  },
  validate: validateJob,
  // Kubernetes looks at the whole Job twice, and tells its faults twice.
  validateWhole: (job, old, root) => validateJob(job, root, old),
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  warnings: (job, old) => [
    ...(old === undefined ? podNameWarnings(job) : []),
    ...(old !== undefined && old.metadata.generation === job.metadata.generation
      ? []
      : jobSpecWarnings(job.spec, fieldPath('spec'))),
  ],
  selectableFields: { 'status.successful': (job) => String(job.status?.succeeded ?? 0) },
  defaultPropagation: 'Orphan',
  columns: [
    nameColumn(),
    { name: 'Status', type: 'string', cell: statusCell },
    { name: 'Completions', type: 'string', cell: completionsCell },
    { name: 'Duration', type: 'string', cell: durationCell },
    ageColumn(),
    ...templateColumns<Job>(),
    selectorColumn<Job>(),
  ],
})

/** Also for the job templates of CronJobs. */
function defaultJob(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
  spec.manualSelector ??= false
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  }
  if (spec.template !== undefined) defaultPodTemplate(spec.template)
}

/** A Job finds its Pods by its own uid, so that no two Jobs meet. */
function generateSelector({ metadata }: Job, spec: JobSpec): void {
  const { uid = '', name = '' } = metadata
  const meta = (spec.template.metadata ??= {})
  const isShared = meta.labels !== undefined && meta.labels === metadata.labels
  // What the template says already stays, for validation to refuse.
  meta.labels = {
    [CONTROLLER_UID]: uid,
    [LEGACY_CONTROLLER_UID]: uid,
    [JOB_NAME]: name,
    [LEGACY_JOB_NAME]: name,
    ...meta.labels,
  }
  if (isShared) metadata.labels = { ...meta.labels }
  spec.selector = {
    ...spec.selector,
    matchLabels: { ...spec.selector?.matchLabels, [CONTROLLER_UID]: uid },
  }
}

function statusCell({ metadata, status }: DeepReadonly<Job>): string {
  const holds = (type: string) => findCondition(status?.conditions ?? [], type)?.status === 'True'
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (holds('Suspended')) return 'Suspended'
  if (holds('FailureTarget')) return 'FailureTarget'
  if (holds('SuccessCriteriaMet')) return 'SuccessCriteriaMet'
  return 'Running'
}

function completionsCell({ spec, status }: DeepReadonly<Job>): string {
  const succeeded = status?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec?.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationCell({ status }: DeepReadonly<Job>, now: number): string {
  const start = fromTime(status?.startTime)
  if (start === undefined) return ''
  return humanDuration((fromTime(status?.completionTime) ?? now) - start)
}
