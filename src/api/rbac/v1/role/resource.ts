/** Role, rbac.authorization.k8s.io/v1: what may be done in one namespace (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole). */

import type { Role } from '../../../generated/rbac-v1.ts'
import { defineResource } from '../../../resource.ts'
import { roleMeaning } from '../rules.ts'

export const roles = defineResource<Role>('rbac.authorization.k8s.io/v1/roles', roleMeaning(true))
