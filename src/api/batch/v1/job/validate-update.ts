/** What may change in a Job once it is there (https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives). */

import { isConditionTrue } from '../../../../meta/conditions.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { deepEqual, immutableField, IMMUTABLE, invalidValue } from '../../../../meta/validation.ts'
import type { Container, PodSpec } from '../../../generated/core-v1.ts'
import type { Job, JobSpec } from '../../../generated/batch-v1.ts'
import { validateSelectedJob } from './validate.ts'

const FIXED = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

/** Every fault of a change. */
export function validateJobUpdate(job: DeepReadonly<Job>, old: DeepReadonly<Job>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const [spec, before] = [job.spec, old.spec]
  if (spec === undefined || before === undefined) return []
  return [
    ...validateSelectedJob(spec, path, before),
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

/** While a Job is suspended, and none of its Pods runs, it may still say where its Pods are to run and with how much. */
function validateTemplate(job: DeepReadonly<Job>, old: DeepReadonly<Job>, path: FieldPath): FieldError[] {
  const [next, before] = [job.spec?.template, old.spec?.template]
  if (!mayChangeTemplate(old)) return immutableField(next, before, path)
  return deepEqual(fixedSpec(next?.spec), fixedSpec(before?.spec))
    ? []
    : [invalidValue(path.child('spec'), next?.spec, IMMUTABLE)]
}

function mayChangeTemplate({ spec, status = {} }: DeepReadonly<Job>): boolean {
  const hasStopped = status.startTime === undefined || isConditionTrue(status.conditions, 'Suspended')
  return spec?.suspend === true && hasStopped && (status.active ?? 0) === 0
}

/** What may not change in the Pods of a suspended Job. */
function fixedSpec(spec: DeepReadonly<PodSpec> | undefined): unknown {
  const { nodeSelector: _n, tolerations: _t, schedulingGates: _g, affinity, ...rest } = spec ?? { containers: [] }
  const { nodeAffinity: _a, ...otherAffinity } = affinity ?? {}
  return {
    ...rest,
    affinity: otherAffinity,
    containers: rest.containers.map(withoutResources),
    ...(rest.initContainers === undefined ? {} : { initContainers: rest.initContainers.map(withoutResources) }),
  }
}

const withoutResources = ({ resources: _r, ...container }: DeepReadonly<Container>) => container
