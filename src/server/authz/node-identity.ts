/** Which node a user is (https://kubernetes.io/docs/reference/access-authn-authz/node/#overview). */

import type { UserInfo } from '../../client/user.ts'

export const NODES_GROUP = 'system:nodes'
const NODE_PREFIX = 'system:node:'

/** The name of the node; `undefined` for users that are none, empty for a node that does not say which. */
export function nodeOf({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(NODE_PREFIX) && groups.includes(NODES_GROUP) ? name.slice(NODE_PREFIX.length) : undefined
}
