/**
 * Conditions as the newer kinds must have them
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/condition/).
 */

import type { FieldError, FieldPath } from './field-path.ts'
import { byteLength, patternFault, qualifiedName } from './names.ts'
import {
  duplicate,
  invalidEach,
  invalidValue,
  isRepeated,
  judgeAll,
  notSupported,
  required,
  tooLong,
} from './validation.ts'

interface Condition {
  readonly type?: string
  readonly status?: string
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string | null
  readonly reason?: string
  readonly message?: string
}

const STATUSES = ['False', 'True', 'Unknown']
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/
const MAX_REASON = 1024
const MAX_MESSAGE = 32 * 1024

const REASON_FAULT = patternFault(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON.source.slice(1, -1),
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
)

/** Every fault of a list of conditions: each type once, and all that tells when and why. */
export function validateConditions(conditions: readonly Condition[] | undefined, path: FieldPath): FieldError[] {
  const types = typesOf(conditions)
  return judgeAll(conditions, (condition, at) => [
    ...doubled(types, at, path),
    ...validateCondition(condition, path.index(at)),
  ])
}

/** Only that each condition has a type, and none the same; older kinds want no more. */
export function validateConditionTypes(conditions: readonly Condition[] | undefined, path: FieldPath): FieldError[] {
  const types = typesOf(conditions)
  return judgeAll(conditions, ({ type = '' }, at) => [
    ...doubled(types, at, path),
    ...(type === '' ? [required(path.index(at).child('type'))] : []),
  ])
}

const typesOf = (conditions: readonly Condition[] | undefined) => (conditions ?? []).map(({ type = '' }) => type)

function doubled(types: readonly string[], at: number, path: FieldPath): FieldError[] {
  const type = types[at]!
  return isRepeated(types, type, at) ? [duplicate(path.index(at).child('type'), type)] : []
}

function validateCondition(condition: Condition, path: FieldPath): FieldError[] {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition
  const faults = invalidEach(path.child('type'), type, qualifiedName(type))
  if (!STATUSES.includes(status)) faults.push(notSupported(path.child('status'), status, STATUSES))
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero'
    faults.push(invalidValue(path.child('observedGeneration'), observedGeneration, detail))
  }
  if ((lastTransitionTime ?? '') === '') faults.push(required(path.child('lastTransitionTime')))
  const at = path.child('reason')
  if (reason === '') faults.push(required(at))
  else if (!REASON.test(reason)) faults.push(invalidValue(at, reason, REASON_FAULT))
  if (byteLength(reason) > MAX_REASON) faults.push(tooLong(at, MAX_REASON))
  if (byteLength(message) > MAX_MESSAGE) faults.push(tooLong(path.child('message'), MAX_MESSAGE))
  return faults
}
