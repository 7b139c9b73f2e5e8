/** Who makes a request (https://kubernetes.io/docs/reference/access-authn-authz/authentication/). */

/** An authenticated user. Names and groups are what authorization rules speak of. */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Members may do everything; nothing is asked of the rules. */
export const MASTERS_GROUP = 'system:masters'
/** Everybody who is somebody. */
export const AUTHENTICATED_GROUP = 'system:authenticated'
/** Everybody who did not say who they are. */
export const UNAUTHENTICATED_GROUP = 'system:unauthenticated'

/** Who a request without credentials comes from. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: [UNAUTHENTICATED_GROUP] }

/** A user of that name; being in `system:authenticated` goes without saying. */
export function userOf(name: string, groups: readonly string[] = []): UserInfo {
  return { name, groups: groups.includes(AUTHENTICATED_GROUP) ? groups : [...groups, AUTHENTICATED_GROUP] }
}

/** The user name of a service account. */
export const serviceAccountUserName = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`

/** The groups a service account is in. */
export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
  AUTHENTICATED_GROUP,
]

/** A service account as one that has shown its token is known. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return { name: serviceAccountUserName(namespace, name), groups: serviceAccountGroups(namespace) }
}
