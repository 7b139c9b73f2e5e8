/** What an access review must say (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { qualifiedName } from '../../../meta/names.ts'
import { invalidEach, invalidValue, required } from '../../../meta/validation.ts'
import type {
  ResourceAttributes,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReviewSpec,
} from '../../generated/authorization-v1.ts'

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
    const shown = { Path: other.path ?? '', Verb: other.verb ?? '' }
    return [
      invalidValue(path.child('nonResourceAttributes'), shown, detail),
      ...validateSelectors(resource, path.child('resourceAttributes')),
    ]
  }
  if (resource !== undefined) return validateSelectors(resource, path.child('resourceAttributes'))
  if (other !== undefined) return []
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidValue(path.child('resourceAttributes'), resource ?? null, detail)]
}

/** What is asked for must be one thing: a text, or requirements. */
function validateSelectors(
  { fieldSelector, labelSelector }: DeepReadonly<ResourceAttributes>,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  for (const [name, selector] of Object.entries({ fieldSelector, labelSelector })) {
    if (selector === undefined) continue
    const { rawSelector = '', requirements = [] } = selector
    const at = path.child(name)
    const words = `when ${at.toString()} is specified, requirements or rawSelector is required`
    const both = 'may not specified at the same time as requirements'
    if (rawSelector === '' && requirements.length === 0) faults.push(required(at.child('requirements'), words))
    if (rawSelector !== '' && requirements.length > 0)
      faults.push(invalidValue(at.child('rawSelector'), rawSelector, both))
    requirements.forEach(({ key = '' }, n) => {
      const here = at.child('requirements').index(n).child('key')
      if (name === 'labelSelector') faults.push(...invalidEach(here, key, qualifiedName(key)))
      else if (key === '') faults.push(required(here, 'must be specified'))
    })
  }
  return faults
}
