/** The conditions under which a policy is asked (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#matching-requests-matchconditions). */

import type { MatchCondition } from '../../../api/generated/admissionregistration-v1.ts'
import type { Steps } from '../../../base/async/steps.ts'
import type { AdmissionOptions } from '../../../meta/cel/admission.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { aggregate } from '../../../meta/errors.ts'
import { BudgetSpent, CONDITIONS_BUDGET, type Compiled, compileStored, evaluateAll, type Scope } from './expressions.ts'

export function compileConditions(
  conditions: readonly DeepReadonly<MatchCondition>[] | undefined,
  options: AdmissionOptions,
): readonly Compiled[] {
  return (conditions ?? []).map(({ expression }) => compileStored(expression, options))
}

/** Whether all hold; a text tells why that cannot be known. One that does not hold decides, whatever fails beside it. */
export function* conditionsHold(
  conditions: readonly Compiled[],
  scope: Scope,
  failurePolicy: string | undefined,
): Steps<boolean | { readonly error: string }> {
  if (conditions.length === 0) return true
  const errors: string[] = []
  try {
    for (const result of (yield* evaluateAll(conditions, scope, CONDITIONS_BUDGET)).results) {
      if (result === undefined) continue
      if ('error' in result) errors.push(result.error)
      else if (result.value === false) return false
    }
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error
    errors.push(error.message)
  }
  if (errors.length === 0) return true
  return failurePolicy === 'Ignore' ? false : { error: aggregate(errors) }
}
