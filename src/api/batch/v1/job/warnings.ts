/** What Kubernetes warns of in Jobs and in the job templates of CronJobs. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { podTemplateWarnings } from '../../../core/v1/pod/warnings.ts'
import type { JobSpec } from '../../../generated/batch-v1.ts'

const MANY_COMPLETIONS = 100_000
const MANY_AT_ONCE = 10_000
const UNTRACKED =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'

/** For the spec at `path`, with its template. */
export function jobSpecWarnings(spec: DeepReadonly<JobSpec> | undefined, path: FieldPath): string[] {
  if (spec === undefined) return []
  const { completionMode, completions = 0, parallelism = 0, template } = spec
  const isHuge = completionMode === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_AT_ONCE
  return [
    ...(isHuge ? [`${path.toString()}: ${UNTRACKED}`] : []),
    ...(template === undefined ? [] : podTemplateWarnings(template, path.child('template'))),
  ]
}
