/** What a Job may ask for (https://kubernetes.io/docs/concepts/workloads/controllers/job/#writing-a-job-spec). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { selectorOf } from '../../../../meta/label-selector.ts'
import { dnsLabel, domainPrefixedPath } from '../../../../meta/names.ts'
import { invalidEach, invalidValue, nonNegative, notSupported, required, tooLong } from '../../../../meta/validation.ts'
import { validatePodTemplate } from '../../../core/v1/pod/validate-spec.ts'
import type { Job, JobSpec } from '../../../generated/batch-v1.ts'
import { validateLabelSelector } from '../../../workload/validate-selector.ts'
import { CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME } from './labels.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './validate-policies.ts'

const MAX_PARALLEL_INDEXES = 100_000
const MAX_INDEXES_WITH_LIMIT = 10 ** 5
const MAX_MANAGED_BY = 63
const NON_NEGATIVE = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

/** Every fault of a Job, in field order. */
export function validateJob(job: DeepReadonly<Job>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  if (job.spec === undefined) return [required(path)]
  return [...validateGenerated(job, path), ...validateJobSpec(job.spec, path), ...validateIndexedName(job)]
}

/** The selector is the server's to make, unless `manualSelector` says otherwise. */
function validateGenerated({ metadata, spec }: DeepReadonly<Job>, path: FieldPath): FieldError[] {
  const selector = path.child('selector')
  if (spec?.selector === undefined) return [required(selector)]
  const faults = validateLabelSelector(spec.selector, selector)
  const labels = spec.template?.metadata?.labels ?? {}
  if (spec.manualSelector !== true) {
    const at = path.child('template', 'metadata', 'labels')
    for (const key of [CONTROLLER_UID, LEGACY_CONTROLLER_UID]) {
      if (labels[key] !== metadata.uid) faults.push(invalidValue(at, labels, `must be '${metadata.uid ?? ''}'`))
    }
    for (const key of [JOB_NAME, LEGACY_JOB_NAME]) {
      if (labels[key] !== metadata.name) faults.push(invalidValue(at, labels, `must be '${metadata.name ?? ''}'`))
    }
  }
  if (!selectorOf(spec.selector).matches(labels)) {
    faults.push(
      invalidValue(path.child('template', 'metadata', 'labels'), labels, '`selector` does not match template `labels`'),
    )
  }
  return faults
}

/** The spec's own faults; also for the job templates of CronJobs, which have no selector yet. */
export function validateJobSpec(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  const template = path.child('template')
  const restartPolicy = template.child('spec', 'restartPolicy')
  const policy = spec.template?.spec?.restartPolicy
  const faults = [
    ...NON_NEGATIVE.flatMap((name) => nonNegative(spec[name], path.child(name))),
    ...validateManagedBy(spec.managedBy, path.child('managedBy')),
    ...validateIndexing(spec, path),
    ...validateReplacement(spec, path.child('podReplacementPolicy')),
    ...(spec.podFailurePolicy === undefined ? [] : validatePodFailurePolicy(spec, path.child('podFailurePolicy'))),
    ...(spec.successPolicy === undefined ? [] : validateSuccessPolicy(spec, path.child('successPolicy'))),
    ...(spec.template === undefined ? [required(template)] : validatePodTemplate(spec.template, template)),
  ]
  if (policy === 'Always') {
    faults.push(required(restartPolicy, 'valid values: "OnFailure", "Never"'))
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    faults.push(notSupported(restartPolicy, policy ?? '', ['OnFailure', 'Never']))
  } else if (spec.podFailurePolicy !== undefined && policy !== 'Never') {
    faults.push(invalidValue(restartPolicy, policy, `only "Never" is supported when podFailurePolicy is specified`))
  }
  return faults
}

function validateManagedBy(managedBy: string | undefined, path: FieldPath): FieldError[] {
  if (managedBy === undefined) return []
  const faults = invalidEach(path, managedBy, domainPrefixedPath(managedBy))
  return managedBy.length > MAX_MANAGED_BY ? [...faults, tooLong(path, MAX_MANAGED_BY)] : faults
}

function validateIndexing(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  const { completionMode: mode, completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec
  if (mode !== 'Indexed') {
    const needsIndexes = (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).filter(
      (name) => spec[name] !== undefined,
    )
    const faults = needsIndexes.map((name) =>
      invalidValue(path.child(name), spec[name], 'requires indexed completion mode'),
    )
    return mode === 'NonIndexed' || mode === undefined
      ? faults
      : [...faults, notSupported(path.child('completionMode'), mode, ['Indexed', 'NonIndexed'])]
  }
  const faults: FieldError[] = []
  const indexed = 'when completion mode is Indexed'
  if (completions === undefined) faults.push(required(path.child('completions'), indexed))
  if (parallelism > MAX_PARALLEL_INDEXES) {
    faults.push(
      invalidValue(
        path.child('parallelism'),
        parallelism,
        `must be less than or equal to ${MAX_PARALLEL_INDEXES} ${indexed}`,
      ),
    )
  }
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    faults.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'))
  }
  if (maxFailedIndexes !== undefined && completions !== undefined && maxFailedIndexes > completions) {
    faults.push(
      invalidValue(path.child('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions'),
    )
  }
  if (
    backoffLimitPerIndex !== undefined &&
    completions !== undefined &&
    completions > MAX_INDEXES_WITH_LIMIT &&
    maxFailedIndexes === undefined
  ) {
    faults.push(
      required(path.child('maxFailedIndexes'), `must be specified when completions is above ${MAX_INDEXES_WITH_LIMIT}`),
    )
  }
  return faults
}

function validateReplacement(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  const { podReplacementPolicy: policy } = spec
  if (policy === undefined) return []
  if (spec.podFailurePolicy !== undefined) return policy === 'Failed' ? [] : [notSupported(path, policy, ['Failed'])]
  return policy === 'Failed' || policy === 'TerminatingOrFailed'
    ? []
    : [notSupported(path, policy, ['Failed', 'TerminatingOrFailed'])]
}

/** The Pods of an indexed Job have host names made of its name and the largest index. */
function validateIndexedName({ metadata, spec }: DeepReadonly<Job>): FieldError[] {
  if (spec?.completionMode !== 'Indexed' || (spec.completions ?? 0) <= 0 || metadata.name === undefined) return []
  const hostname = `${metadata.name}-${(spec.completions ?? 1) - 1}`
  const texts = dnsLabel(hostname)
  if (texts.length === 0) return []
  const detail = `will not able to create pod with invalid DNS hostname: ${hostname}`
  return [invalidValue(fieldPath('metadata', 'name'), metadata.name, detail)]
}
