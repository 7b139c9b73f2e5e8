/** SelfSubjectAccessReview, authorization.k8s.io/v1: may I do this? (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { SelfSubjectAccessReview } from '../../../generated/authorization-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateSelfReview } from '../validate.ts'

export const selfSubjectAccessReviews = defineResource<SelfSubjectAccessReview>(
  'authorization.k8s.io/v1/selfsubjectaccessreviews',
  { validate: ({ spec }, root) => validateSelfReview(spec, root.child('spec')) },
)
