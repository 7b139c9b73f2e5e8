/** ClusterRole, rbac.authorization.k8s.io/v1: what may be done in the whole cluster (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { pathName } from '../../../../meta/names.ts'
import type { ClusterRole } from '../../../generated/rbac-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateRule } from '../rules.ts'

export const clusterRoles = defineResource<ClusterRole>('rbac.authorization.k8s.io/v1/clusterroles', {
  validateName: pathName,
  validate: validateRules,
  validateUpdate: (object, _old, root) => validateRules(object, root),
  columns: [
    { name: 'Name', type: 'string', format: 'name', cell: ({ metadata }) => metadata.name },
    { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
})

function validateRules({ rules = [] }: DeepReadonly<ClusterRole>, root: FieldPath): FieldError[] {
  return rules.flatMap((rule, position) => validateRule(rule, false, root.child('rules').index(position)))
}
