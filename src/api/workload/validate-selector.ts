/** Rules for label selectors in objects, and for the number-or-percentage fields of workloads. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../meta/field-path.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { percentText } from '../../meta/names.ts'
import type { IntOrString, LabelSelector } from '../../meta/types.ts'
import { validateLabelSelector } from '../../meta/validate-label-selector.ts'
import { invalidEach, invalidValue, nonNegative, required } from '../../meta/validation.ts'

type Selector = DeepReadonly<LabelSelector> | undefined

export { validateLabelSelector } from '../../meta/validate-label-selector.ts'

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
