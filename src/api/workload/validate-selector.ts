/** Rules for label selectors in objects, and for the number-or-percentage fields of workloads. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../meta/field-path.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { labelValue, percentText, qualifiedName } from '../../meta/names.ts'
import type { IntOrString, LabelSelector, LabelSelectorRequirement } from '../../meta/types.ts'
import { validateLabels } from '../../meta/object-meta.ts'
import { forbiddenField, invalidEach, invalidValue, nonNegative, required } from '../../meta/validation.ts'

type Selector = DeepReadonly<LabelSelector> | undefined

/** Every fault of a selector's own form. */
export function validateLabelSelector(selector: Selector, path: FieldPath): FieldError[] {
  const faults = validateLabels(selector?.matchLabels, path.child('matchLabels'))
  for (const [position, requirement] of (selector?.matchExpressions ?? []).entries()) {
    faults.push(...validateRequirement(requirement, path.child('matchExpressions').index(position)))
  }
  return faults
}

function validateRequirement(
  { key, operator, values = [] }: DeepReadonly<LabelSelectorRequirement>,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        faults.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        faults.push(
          forbiddenField(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        )
      }
      break
    default:
      faults.push(invalidValue(path.child('operator'), operator, 'not a valid selector operator'))
  }
  faults.push(...invalidEach(path.child('key'), key, qualifiedName(key)))
  values.forEach((value, position) =>
    faults.push(...invalidEach(path.child('values').index(position), value, labelValue(value))),
  )
  return faults
}

/** The selector of a workload: given, not empty, and met by the labels of its template. */
export function validateWorkloadSelector(
  selector: Selector,
  templateLabels: DeepReadonly<Record<string, string>> | undefined,
  spec: FieldPath,
  kind: string,
): FieldError[] {
  const path = spec.child('selector')
  if (selector === undefined) return [required(path)]
  const faults = validateLabelSelector(selector, path)
  const ready = selectorOf(selector)
  if (ready.isEmpty) faults.push(invalidValue(path, selector, `empty selector is invalid for ${kind}`))
  else if (faults.length === 0 && !ready.matches(templateLabels)) {
    const labels = spec.child('template', 'metadata', 'labels')
    faults.push(invalidValue(labels, templateLabels ?? {}, '`selector` does not match template `labels`'))
  }
  return faults
}

/** A number not below zero, or a percentage. */
export function validateIntOrPercent(value: IntOrString | undefined, path: FieldPath): FieldError[] {
  if (typeof value === 'string') return invalidEach(path, value, percentText(value))
  return nonNegative(value, path)
}

/** A percentage over a hundred makes no sense for some fields. */
export function notOverHundred(value: IntOrString | undefined, path: FieldPath): FieldError[] {
  const percent = percentOf(value)
  return percent !== undefined && percent > 100 ? [invalidValue(path, value, 'must not be greater than 100%')] : []
}

function percentOf(value: IntOrString | undefined): number | undefined {
  return typeof value === 'string' && percentText(value).length === 0 ? Number(value.slice(0, -1)) : undefined
}

/** Whether the field amounts to nothing: zero, or zero percent. */
export function isZero(value: IntOrString | undefined): boolean {
  return value === undefined || value === 0 || percentOf(value) === 0
}
