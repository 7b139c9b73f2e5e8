/** Role, rbac.authorization.k8s.io/v1: what may be done in one namespace (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { pathName } from '../../../../meta/names.ts'
import type { Role } from '../../../generated/rbac-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateRule } from '../rules.ts'

export const roles = defineResource<Role>('rbac.authorization.k8s.io/v1/roles', {
  validateName: pathName,
  validate: validateRules,
  validateUpdate: (object, _old, root) => validateRules(object, root),
  columns: [
    { name: 'Name', type: 'string', format: 'name', cell: ({ metadata }) => metadata.name },
    { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
})

function validateRules({ rules = [] }: DeepReadonly<Role>, root: FieldPath): FieldError[] {
  return rules.flatMap((rule, position) => validateRule(rule, true, root.child('rules').index(position)))
}
