/** LocalSubjectAccessReview, authorization.k8s.io/v1: may somebody do this in one namespace? (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { invalidValue } from '../../../../meta/validation.ts'
import type { LocalSubjectAccessReview } from '../../../generated/authorization-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateReview } from '../validate.ts'

export const localSubjectAccessReviews = defineResource<LocalSubjectAccessReview>(
  'authorization.k8s.io/v1/localsubjectaccessreviews',
  { validate: validateLocal },
)

function validateLocal({ metadata, spec }: DeepReadonly<LocalSubjectAccessReview>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const faults = validateReview(spec, path)
  const asked = spec?.resourceAttributes?.namespace
  if (asked !== undefined && asked !== metadata.namespace) {
    const detail = 'must match metadata.namespace'
    faults.push(invalidValue(path.child('resourceAttributes', 'namespace'), asked, detail))
  }
  if (spec?.nonResourceAttributes !== undefined) {
    const detail = 'disallowed on this kind of request'
    faults.push(invalidValue(path.child('nonResourceAttributes'), spec.nonResourceAttributes, detail))
  }
  return faults
}
