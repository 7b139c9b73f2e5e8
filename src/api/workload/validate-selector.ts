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

/** What was found of a selector. One that cannot be read has its template not looked at. */
export interface SelectorVerdict {
  readonly faults: FieldError[]
  readonly isReadable: boolean
}

/**
 * The selector of a workload: given, not empty, and met by the labels of its template. `words` is what Kubernetes says,
 * besides what is wrong with it, of a selector that it cannot read.
 */
export function judgeWorkloadSelector(
  selector: Selector,
  templateLabels: DeepReadonly<Record<string, string>> | undefined,
  spec: FieldPath,
  { kind, words }: { readonly kind: string; readonly words: string },
): SelectorVerdict {
  const path = spec.child('selector')
  if (selector === undefined) return { faults: [required(path), ...unmet(templateLabels, spec)], isReadable: true }
  const faults = validateLabelSelector(selector, path)
  if (isEmptySelector(selector)) faults.push(invalidValue(path, selector, `empty selector is invalid for ${kind}`))
  else if (faults.length > 0) return { faults: [...faults, invalidValue(path, selector, words)], isReadable: false }
  else if (!selectorOf(selector).matches(templateLabels)) faults.push(...unmet(templateLabels, spec))
  return { faults, isReadable: true }
}

/** Whether the selector asks for nothing. */
export function isEmptySelector({ matchLabels = {}, matchExpressions = [] }: DeepReadonly<LabelSelector>): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

/** The fault of a template whose Pods the selector would not find. */
export function unmet(labels: DeepReadonly<Record<string, string>> | undefined, spec: FieldPath): FieldError[] {
  const path = spec.child('template', 'metadata', 'labels')
  return [invalidValue(path, labels, '`selector` does not match template `labels`')]
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
  if (typeof value !== 'string') return (value ?? 0) === 0
  // A whole number as text is no percentage, and counts all the same.
  return (percentOf(value) ?? (/^[+-]?\d+$/.test(value) ? Number(value) : 0)) === 0
}
