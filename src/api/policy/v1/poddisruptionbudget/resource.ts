/** PodDisruptionBudget, policy/v1 (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { pathSegmentName } from '../../../../meta/names.ts'
import { invalidValue, nonNegative, notSupported } from '../../../../meta/validation.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../generated/policy-v1.ts'
import { validateConditions } from '../../../../meta/validate-conditions.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'
import { notOverHundred, validateIntOrPercent, validateLabelSelector } from '../../../workload/validate-selector.ts'

const NO_STATUS = (): PodDisruptionBudgetStatus => ({
  currentHealthy: 0,
  desiredHealthy: 0,
  disruptionsAllowed: 0,
  expectedPods: 0,
})
const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget']

export const podDisruptionBudgets = defineResource<PodDisruptionBudget>('policy/v1/poddisruptionbudgets', {
  validateName: pathSegmentName,
  prepareForCreate: (draft) => {
    draft.status = NO_STATUS()
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? NO_STATUS()) as PodDisruptionBudgetStatus
  },
  allowUnconditionalUpdate: false,
  validate: validateBudget,
  validateUpdate: (object, _old, root) => validateBudget(object, root),
  judgesStatusMetadata: false,
  validateStatusUpdate: ({ status }, _old, root) => {
    const path = root.child('status')
    const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const
    return [
      ...validateConditions(status?.conditions, path.child('conditions')),
      ...counts.flatMap((name) => nonNegative(status?.[name], path.child(name))),
    ]
  },
  columns: [
    nameColumn(),
    { name: 'Min Available', type: 'string', cell: ({ spec }) => String(spec?.minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', type: 'string', cell: ({ spec }) => String(spec?.maxUnavailable ?? 'N/A') },
    { name: 'Allowed Disruptions', type: 'integer', cell: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn(),
  ],
})

function validateBudget({ spec }: DeepReadonly<PodDisruptionBudget>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec ?? {}
  const faults: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    faults.push(invalidValue(path, spec, 'minAvailable and maxUnavailable cannot be both set'))
  }
  if (minAvailable !== undefined) {
    const at = path.child('minAvailable')
    faults.push(...validateIntOrPercent(minAvailable, at), ...notOverHundred(minAvailable, at))
  }
  if (maxUnavailable !== undefined) {
    const at = path.child('maxUnavailable')
    faults.push(...validateIntOrPercent(maxUnavailable, at), ...notOverHundred(maxUnavailable, at))
  }
  faults.push(...validateLabelSelector(spec?.selector, path.child('selector')))
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
    faults.push(notSupported(path.child('unhealthyPodEvictionPolicy'), policy, EVICTION_POLICIES))
  }
  return faults
}
