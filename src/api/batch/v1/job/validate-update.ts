/** What may change in a Job once it is there (https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { deepEqual, immutableField, invalidValue } from '../../../../meta/validation.ts'
import type { PodTemplateSpec } from '../../../generated/core-v1.ts'
import type { Job, JobSpec } from '../../../generated/batch-v1.ts'
import { validateSelectedJob } from './validate.ts'

const FIXED = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

/** Every fault of a change. */
export function validateJobUpdate(job: DeepReadonly<Job>, old: DeepReadonly<Job>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const [spec, before] = [job.spec, old.spec]
  if (spec === undefined || before === undefined) return []
  return [
    ...validateSelectedJob(spec, path),
    ...validateCompletions(spec, before, path.child('completions')),
    ...immutableField(spec.selector, before.selector, path.child('selector')),
    ...validateTemplate(job, old, path.child('template')),
    ...FIXED.flatMap((name) => immutableField(spec[name], before[name], path.child(name))),
  ]
}

/** An indexed Job may grow or shrink, if it asks for as many at once. */
function validateCompletions(spec: DeepReadonly<JobSpec>, old: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  if (spec.completions === old.completions) return []
  if (spec.completionMode !== 'Indexed') return immutableField(spec.completions, old.completions, path)
  return spec.completions === spec.parallelism
    ? []
    : [invalidValue(path, spec.completions, `can only be modified in tandem with parallelism`)]
}

/** A suspended Job that never started may still say where its Pods are to run. */
function validateTemplate(job: DeepReadonly<Job>, old: DeepReadonly<Job>, path: FieldPath): FieldError[] {
  const [next, before] = [job.spec?.template, old.spec?.template]
  const isOpen = old.spec?.suspend === true && old.status?.startTime === undefined
  if (!isOpen) return immutableField(next, before, path)
  return deepEqual(withoutDirectives(next), withoutDirectives(before)) ? [] : immutableField(next, before, path)
}

function withoutDirectives(template: DeepReadonly<PodTemplateSpec> | undefined): unknown {
  const {
    nodeSelector: _n,
    tolerations: _t,
    affinity,
    schedulingGates: _g,
    ...spec
  } = template?.spec ?? { containers: [] }
  const { nodeAffinity: _a, ...otherAffinity } = affinity ?? {}
  const { labels: _l, annotations: _an, ...metadata } = template?.metadata ?? {}
  return { ...template, metadata, spec: { ...spec, affinity: otherAffinity } }
}
