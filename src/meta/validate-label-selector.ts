/** What a label selector of an object must be (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/). */

import type { DeepReadonly } from './deep-readonly.ts'
import type { FieldError, FieldPath } from './field-path.ts'
import { labelValue, qualifiedName } from './names.ts'
import { validateLabels } from './object-meta.ts'
import type { LabelSelector, LabelSelectorRequirement } from './types.ts'
import { ENOUGH, forbiddenField, invalidEach, invalidValue, required } from './validation.ts'

/** Every fault of a selector; an absent one has none. */
export function validateLabelSelector(
  selector: DeepReadonly<LabelSelector> | undefined,
  path: FieldPath,
): FieldError[] {
  if (selector === undefined) return []
  const faults = validateLabels(selector.matchLabels, path.child('matchLabels'))
  for (const [at, expression] of (selector.matchExpressions ?? []).entries()) {
    if (faults.length > ENOUGH) break
    faults.push(...validateRequirement(expression, path.child('matchExpressions').index(at)))
  }
  return faults
}

/** Every fault of one expression. */
export function validateRequirement(
  { key, operator, values = [] }: DeepReadonly<LabelSelectorRequirement>,
  path: FieldPath,
): FieldError[] {
  return [
    ...validateOperator(operator, values.length, path),
    ...invalidEach(path.child('key'), key, qualifiedName(key)),
    ...values.flatMap((value, at) => invalidEach(path.child('values').index(at), value, labelValue(value))),
  ]
}

/** Whether an expression has values as its operator wants them; `path` is the expression's. */
export function validateOperator(operator: string, values: number, path: FieldPath): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values > 0) return []
      return [required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (values === 0) return []
      return [
        forbiddenField(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      ]
    default:
      return [invalidValue(path.child('operator'), operator, 'not a valid selector operator')]
  }
}
