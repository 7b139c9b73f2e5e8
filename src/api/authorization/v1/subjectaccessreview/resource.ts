/** SubjectAccessReview, authorization.k8s.io/v1: may somebody do this? (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { SubjectAccessReview } from '../../../generated/authorization-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateReview } from '../validate.ts'

export const subjectAccessReviews = defineResource<SubjectAccessReview>(
  'authorization.k8s.io/v1/subjectaccessreviews',
  {
    validate: ({ spec }, root) => validateReview(spec, root.child('spec')),
  },
)
