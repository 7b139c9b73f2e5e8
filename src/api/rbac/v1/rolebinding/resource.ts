/** RoleBinding, rbac.authorization.k8s.io/v1: who has a role (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding). */

import type { RoleBinding } from '../../../generated/rbac-v1.ts'
import { defineResource } from '../../../resource.ts'
import { bindingMeaning } from '../rules.ts'

export const roleBindings = defineResource<RoleBinding>(
  'rbac.authorization.k8s.io/v1/rolebindings',
  bindingMeaning(true),
)
