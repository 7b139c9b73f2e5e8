/** What an access review must say (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { invalidValue } from '../../../meta/validation.ts'
import type { SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec } from '../../generated/authorization-v1.ts'

/** Somebody, and one thing they want to do. */
export function validateReview(spec: DeepReadonly<SubjectAccessReviewSpec> | undefined, path: FieldPath): FieldError[] {
  const faults = validateSelfReview(spec, path)
  if ((spec?.user ?? '') === '' && (spec?.groups ?? []).length === 0) {
    faults.push(invalidValue(path.child('user'), spec?.user ?? '', 'at least one of user or group must be specified'))
  }
  return faults
}

/** One thing to do; who does it is known. */
export function validateSelfReview(
  spec: DeepReadonly<SelfSubjectAccessReviewSpec> | undefined,
  path: FieldPath,
): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec ?? {}
  if (resource !== undefined && other !== undefined) {
    const detail = 'cannot be specified in combination with resourceAttributes'
    return [invalidValue(path.child('nonResourceAttributes'), other, detail)]
  }
  if (resource !== undefined || other !== undefined) return []
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidValue(path.child('resourceAttributes'), resource ?? null, detail)]
}
