/** What a delete may ask for (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/). */

import { invalid } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import type { DeleteOptions } from '../../meta/types.ts'
import { invalidValue, notSupported } from '../../meta/validation.ts'
import type { RequestContext } from '../core.ts'

const POLICIES: readonly string[] = ['Foreground', 'Background', 'Orphan']

/** Throws `Invalid` for options that contradict themselves. */
export function checkDeleteOptions(options: DeleteOptions): void {
  const { orphanDependents, propagationPolicy, dryRun } = options
  const faults: FieldError[] = []
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    const words = 'orphanDependents and deletionPropagation cannot be both set'
    faults.push(invalidValue(fieldPath('propagationPolicy'), propagationPolicy, words))
  }
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy)) {
    faults.push(
      notSupported(fieldPath('propagationPolicy'), propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']),
    )
  }
  if (dryRun?.some((stage) => stage !== 'All') === true) {
    faults.push(notSupported(fieldPath('dryRun'), dryRun, ['All']))
  }
  if (faults.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions', name: '' }, faults)
}

const JOBS = 'batch/v1/jobs'
const KEPT_PODS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** Tells who deletes Jobs, one or many, without a word on their Pods that these stay. */
export function warnOfDependents({ resource, warn }: RequestContext, options: DeleteOptions): void {
  const { propagationPolicy, orphanDependents } = options
  if (resource.key === JOBS && propagationPolicy === undefined && orphanDependents === undefined) warn(KEPT_PODS)
}
