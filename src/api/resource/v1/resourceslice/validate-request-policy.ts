/** How much of a shared capacity a claim may ask for (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#consumable-capacity). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { addQuantity, cmpQuantity, formatQuantity, quantityValue } from '../../../../meta/quantity.ts'
import { forbiddenField, invalidValue, required } from '../../../../meta/validation.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from '../../../generated/resource-v1.ts'
import { judgeSet } from '../names.ts'

const MAX_OPTIONS = 10

/** Every fault of the policy of a capacity. */
export function validateRequestPolicy(
  capacity: string,
  policy: DeepReadonly<CapacityRequestPolicy>,
  path: FieldPath,
): FieldError[] {
  const { default: usual, validValues = [], validRange } = policy
  const at = path.child('default')
  if (validValues.length > 0 && validRange !== undefined) {
    const words = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    return [forbiddenField(path, words)]
  }
  if (validValues.length > 0) {
    if (usual === undefined) return [required(at, 'required when validValues is defined')]
    return validateOptions(validValues, { capacity, usual }, path.child('validValues'))
  }
  if (validRange === undefined) return []
  if (usual === undefined) return [required(at, 'required when validRange is defined')]
  return validateRange(validRange, { capacity, usual }, path.child('validRange'))
}

interface Amounts {
  readonly capacity: string
  /** What is taken when nothing is asked for. */
  readonly usual: string
}

function validateOptions(values: readonly string[], { capacity, usual }: Amounts, path: FieldPath): FieldError[] {
  const faults = values.flatMap((value, at) => {
    const isSorted = at === 0 || cmpQuantity(values[at - 1]!, value) <= 0
    return isSorted ? [] : [invalidValue(path.index(at), value, 'values must be sorted in ascending order')]
  })
  const keyOf = (value: string) => String(quantityValue(value))
  faults.push(
    ...judgeSet(values, { limit: MAX_OPTIONS, keyOf }, path, (value, at) =>
      cmpQuantity(value, capacity) > 0
        ? [invalidValue(at, value, `option is larger than capacity value: ${capacity}`)]
        : [],
    ),
  )
  if (!values.some((value) => cmpQuantity(value, usual) === 0))
    faults.push(invalidValue(path, usual, 'default value is not valid according to the requestPolicy'))
  return faults
}

function validateRange(
  { min, max, step }: DeepReadonly<CapacityRequestPolicyRange>,
  { capacity, usual }: Amounts,
  path: FieldPath,
): FieldError[] {
  const [low, high, by] = [path.child('min'), path.child('max'), path.child('step')]
  if (min === undefined) return [required(low, 'required when validRange is defined')]
  const faults: FieldError[] = []
  const refuse = (at: FieldPath, value: string, words: string) => faults.push(invalidValue(at, value, words))
  if (cmpQuantity(min, capacity) > 0) refuse(low, min, `min is larger than capacity value: ${capacity}`)
  if (cmpQuantity(usual, min) < 0) refuse(low, usual, `default is less than min: ${min}`)
  if (max !== undefined) {
    if (cmpQuantity(min, max) > 0) refuse(high, min, `min is larger than max: ${max}`)
    if (cmpQuantity(max, capacity) > 0) refuse(high, max, `max is larger than capacity value: ${capacity}`)
    if (cmpQuantity(usual, max) > 0) refuse(high, usual, `default is more than max: ${max}`)
  }
  if (step === undefined) return faults
  const first = formatQuantity(addQuantity(min, step))
  if (cmpQuantity(first, capacity) > 0) refuse(by, step, `one step ${first} is larger than capacity value: ${capacity}`)
  for (const value of max === undefined ? [usual] : [usual, max]) {
    const isStep = (quantityValue(value) - quantityValue(min)) % quantityValue(step) === 0
    if (!isStep) refuse(by, value, `value is not a multiple of a given step (${step}) from (${min})`)
  }
  return faults
}
