/** All subresources, and the resources that are answered and not stored. */

import type { TokenIssuer } from '../authn/tokens.ts'
import type { RbacAuthorizer } from '../authz/rbac.ts'
import type { SubresourceHandler, SubresourceHandlers } from './handler.ts'

export interface SubresourceDeps {
  readonly authorizer: RbacAuthorizer
  readonly tokens: TokenIssuer
}

export function subresourceHandlers(_deps: SubresourceDeps): SubresourceHandlers {
  return new Map<string, SubresourceHandler>([])
}
