/** All authorizers of a cluster, one after the other: any may allow (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-flags-for-your-authorization-module). */

import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import type { UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Authorizer, Decision, PathAttributes, ResourceAttributes } from './authorizer.ts'
import type { NodeAuthorizer } from './node-authorizer.ts'
import { nodeOf } from './node-identity.ts'
import type { RbacAuthorizer } from './rbac.ts'

/** The rules that hold for a user; some do not tell all of theirs. */
export interface UserRules {
  readonly rules: readonly DeepReadonly<PolicyRule>[]
  /** Why there may be more. */
  readonly incomplete?: string
}

/** Asks the rules about nodes first, then the roles. */
export class ClusterAuthorizer implements Authorizer {
  readonly #nodes: NodeAuthorizer
  readonly #roles: RbacAuthorizer

  constructor(nodes: NodeAuthorizer, roles: RbacAuthorizer) {
    this.#nodes = nodes
    this.#roles = roles
  }

  onResource(user: UserInfo, attributes: ResourceAttributes): Decision {
    const first = this.#nodes.onResource(user, attributes)
    if (first.isAllowed) return first
    const second = this.#roles.onResource(user, attributes)
    if (second.isAllowed || first.reason === undefined) return second
    return { ...second, reason: second.reason === undefined ? first.reason : `${first.reason}\n${second.reason}` }
  }

  onPath(user: UserInfo, attributes: PathAttributes): Decision {
    return this.#roles.onPath(user, attributes)
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    const rules = this.#roles.rulesFor(user, namespace)
    if (nodeOf(user) === undefined) return { rules }
    return { rules, incomplete: 'node authorizer does not support user rule resolution' }
  }
}
