/** What a Job may ask for (https://kubernetes.io/docs/concepts/workloads/controllers/job/#writing-a-job-spec). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { selectorOf } from '../../../../meta/label-selector.ts'
import { dnsLabel, domainPrefixedPath } from '../../../../meta/names.ts'
import { invalidValue, nonNegative, notSupported, required, tooLong } from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { validatePodTemplate } from '../../../core/v1/pod/validation/spec.ts'
import type { Job, JobSpec } from '../../../generated/batch-v1.ts'
import { unmet, validateLabelSelector } from '../../../workload/validate-selector.ts'
import { CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME } from './labels.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './validate-policies.ts'

const MAX_PARALLEL_INDEXES = 100_000
const MAX_FAILED_INDEXES = 100_000
/** Of so many completions not all can be tracked one by one. */
const MANY_COMPLETIONS = 100_000
const LIMIT_OF_MANY = 10_000
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

/** Every fault of a Job, in the order Kubernetes looks for them; `old` is what it was where it is changed. */
export function validateJob(job: DeepReadonly<Job>, root: FieldPath, old?: DeepReadonly<Job>): FieldError[] {
  const path = root.child('spec')
  if (job.spec === undefined) return [required(path)]
  return [
    ...validateGenerated(job, path, hasPrefixedLabels(old)),
    ...validateSelectedJob(job.spec, path, old?.spec),
    ...validateIndexedName(job),
  ]
}

/** Jobs from before the labels had a prefix need none; new ones do. */
function hasPrefixedLabels(old: DeepReadonly<Job> | undefined): boolean {
  const labels = old?.spec?.template?.metadata?.labels ?? {}
  return old === undefined || [CONTROLLER_UID, JOB_NAME].every((key) => Object.hasOwn(labels, key))
}

/** The selector and the labels that it needs are the server's to make, unless `manualSelector` says otherwise. */
function validateGenerated({ metadata, spec }: DeepReadonly<Job>, path: FieldPath, isPrefixed: boolean): FieldError[] {
  if (spec?.selector === undefined || spec.manualSelector === true) return []
  const { uid = '', name = '' } = metadata
  const labels = spec.template?.metadata?.labels
  const expected: Readonly<Record<string, string>> = {
    [LEGACY_CONTROLLER_UID]: uid,
    [LEGACY_JOB_NAME]: name,
    ...(isPrefixed ? { [CONTROLLER_UID]: uid, [JOB_NAME]: name } : {}),
  }
  const faults = Object.entries(expected).flatMap(([key, value]) => {
    const here = path.child('template', 'metadata', 'labels').key(key)
    const words = `must be '${value}'`
    const actual = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
    if (actual === undefined) return [required(here, words)]
    return actual === value ? [] : [invalidValue(here, labels, words)]
  })
  const selector = path.child('selector')
  if (validateLabelSelector(spec.selector, selector).length > 0 || selectorOf(spec.selector).matches(expected)) {
    return faults
  }
  return [...faults, invalidValue(selector, spec.selector, '`selector` not auto-generated')]
}

/** The spec of a Job, which has a selector. */
export function validateSelectedJob(
  spec: DeepReadonly<JobSpec>,
  path: FieldPath,
  old?: DeepReadonly<JobSpec>,
): FieldError[] {
  const { selector, template } = spec
  const faults = validateJobSpec(spec, path, old)
  const labels = asGiven(template?.metadata, 'labels')
  if (selector === undefined) return [...faults, required(path.child('selector')), ...unmet(labels, path)]
  const wrong = validateLabelSelector(selector, path.child('selector'))
  if (wrong.length > 0) return [...faults, ...wrong]
  return selectorOf(selector).matches(labels) ? faults : [...faults, ...unmet(labels, path)]
}

/** The spec's own faults; also for the job templates of CronJobs, which have no selector yet. */
export function validateJobSpec(
  spec: DeepReadonly<JobSpec>,
  path: FieldPath,
  old?: DeepReadonly<JobSpec>,
): FieldError[] {
  const template = path.child('template')
  const restartPolicy = template.child('spec', 'restartPolicy')
  const policy = spec.template?.spec?.restartPolicy ?? ''
  const faults = [
    ...NON_NEGATIVE.flatMap((name) => nonNegative(spec[name], path.child(name))),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')]
      : []),
    ...validateManagedBy(spec.managedBy, path.child('managedBy')),
    ...validateIndexing(spec, path),
    ...(spec.podFailurePolicy === undefined ? [] : validatePodFailurePolicy(spec, path.child('podFailurePolicy'))),
    ...(spec.successPolicy === undefined ? [] : validateSuccessPolicy(spec, path.child('successPolicy'))),
    ...validateReplacement(spec, path.child('podReplacementPolicy')),
    ...validatePodTemplate(spec.template ?? {}, template, old?.template),
  ]
  if (policy === 'Always' || policy === ('' as string)) {
    faults.push(required(restartPolicy, 'valid values: "OnFailure", "Never"'))
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    faults.push(notSupported(restartPolicy, policy, ['OnFailure', 'Never']))
  } else if (spec.podFailurePolicy !== undefined && policy !== 'Never') {
    faults.push(invalidValue(restartPolicy, policy, `only "Never" is supported when podFailurePolicy is specified`))
  }
  return faults
}

function validateManagedBy(managedBy: string | undefined, path: FieldPath): FieldError[] {
  if (managedBy === undefined) return []
  if (managedBy === '') return [required(path)]
  const faults = domainPrefixedPath(managedBy).map(({ part, fault }) => invalidValue(path, part, fault))
  return managedBy.length > MAX_MANAGED_BY ? [...faults, tooLong(path, MAX_MANAGED_BY)] : faults
}

function validateIndexing(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  const mode = spec.completionMode ?? 'NonIndexed'
  if (mode === 'Indexed') return validateIndexes(spec, path)
  if (mode !== 'NonIndexed') return [notSupported(path.child('completionMode'), mode, ['NonIndexed', 'Indexed'])]
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalidValue(path.child(name), spec[name], 'requires indexed completion mode'))
}

function validateIndexes(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  const { completions, parallelism, backoffLimitPerIndex, maxFailedIndexes } = spec
  const indexed = 'when completion mode is Indexed'
  const faults: FieldError[] = []
  const atMost = (name: 'parallelism' | 'maxFailedIndexes', limit: number, when = '') => {
    const value = spec[name]
    if (value === undefined || value <= limit) return
    faults.push(invalidValue(path.child(name), value, `must be less than or equal to ${limit}${when}`))
  }
  if (completions === undefined) faults.push(required(path.child('completions'), indexed))
  if (parallelism !== undefined) atMost('parallelism', MAX_PARALLEL_INDEXES, ` ${indexed}`)
  if (maxFailedIndexes !== undefined && completions !== undefined && maxFailedIndexes > completions) {
    faults.push(
      invalidValue(path.child('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions'),
    )
  }
  atMost('maxFailedIndexes', MAX_FAILED_INDEXES)
  if (completions === undefined || completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return faults
  if (maxFailedIndexes === undefined) {
    const words = `must be specified when completions is above ${MANY_COMPLETIONS}`
    faults.push(required(path.child('maxFailedIndexes'), words))
  }
  const many = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`
  atMost('parallelism', LIMIT_OF_MANY, many)
  atMost('maxFailedIndexes', LIMIT_OF_MANY, many)
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
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`
  return [invalidValue(fieldPath('metadata', 'name'), metadata.name, detail)]
}
