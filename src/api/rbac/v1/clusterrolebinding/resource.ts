/** ClusterRoleBinding, rbac.authorization.k8s.io/v1: who has a role (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding). */

import { pathName } from '../../../../meta/names.ts'
import type { ClusterRoleBinding } from '../../../generated/rbac-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'
import { defaultBinding, roleText, subjectNames, validateBinding, validateRoleRefUpdate } from '../rules.ts'

export const clusterRoleBindings = defineResource<ClusterRoleBinding>(
  'rbac.authorization.k8s.io/v1/clusterrolebindings',
  {
    validateName: pathName,
    setDefaults: ({ roleRef, subjects }) => defaultBinding(roleRef, subjects),
    validate: (object, root) => validateBinding(object, false, root),
    validateUpdate: (object, old, root) => [
      ...validateBinding(object, false, root),
      ...validateRoleRefUpdate(object, old, root),
    ],
    columns: [
      nameColumn(),
      { name: 'Role', type: 'string', cell: ({ roleRef }) => roleText(roleRef) },
      ageColumn(),
      { name: 'Users', type: 'string', wide: true, cell: ({ subjects }) => subjectNames(subjects, 'User') },
      { name: 'Groups', type: 'string', wide: true, cell: ({ subjects }) => subjectNames(subjects, 'Group') },
      {
        name: 'ServiceAccounts',
        type: 'string',
        wide: true,
        cell: ({ subjects }) => subjectNames(subjects, 'ServiceAccount'),
      },
    ],
  },
)
