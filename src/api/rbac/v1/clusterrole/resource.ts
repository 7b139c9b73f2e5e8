/** ClusterRole, rbac.authorization.k8s.io/v1: what may be done in the whole cluster (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole). */

import type { ClusterRole } from '../../../generated/rbac-v1.ts'
import { defineResource } from '../../../resource.ts'
import { roleMeaning } from '../rules.ts'

export const clusterRoles = defineResource<ClusterRole>('rbac.authorization.k8s.io/v1/clusterroles', roleMeaning(false))
