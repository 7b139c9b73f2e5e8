/** Whose a service account's token is, as long as all that it is bound to is there (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens). */

import { serviceAccountGroups, serviceAccountUserName, type UserInfo } from '../../client/user.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'

/** An object as a token names it. */
export interface Named {
  readonly name: string
  readonly uid: string
}

/** What a token says of itself. */
export interface KubernetesClaims {
  readonly namespace?: string
  readonly serviceaccount?: Named
  readonly pod?: Named
  readonly node?: Named
  readonly secret?: Named
}

/** Where objects are looked up that tokens are bound to. */
export interface SubjectSources {
  readonly serviceAccounts: WatchCache
  readonly pods: WatchCache
  readonly nodes: WatchCache
  readonly secrets: WatchCache
}

/** The user; or, in Kubernetes's words, what is no longer there; `undefined` for a token that names no account. */
export function boundUser(
  claims: KubernetesClaims,
  jti: string | undefined,
  sources: SubjectSources,
): UserInfo | string | undefined {
  const { namespace = '', serviceaccount, pod, node } = claims
  if (serviceaccount === undefined) return undefined
  const why = whatIsGone(claims, serviceaccount, sources)
  if (why !== undefined) return why
  const extra: Record<string, readonly string[]> = {}
  if (jti !== undefined) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`]
  if (node !== undefined) {
    extra['authentication.kubernetes.io/node-name'] = [node.name]
    extra['authentication.kubernetes.io/node-uid'] = [node.uid]
  }
  if (pod !== undefined) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name]
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid]
  }
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    extra,
  }
}

function whatIsGone(
  { namespace = '', pod, node, secret }: KubernetesClaims,
  account: Named,
  { serviceAccounts, pods, nodes, secrets }: SubjectSources,
): string | undefined {
  const found = uidOf(serviceAccounts, namespace, account)
  if (found === undefined) return `serviceaccounts ${JSON.stringify(account.name)} not found`
  if (found !== account.uid) return `service account UID (${found}) does not match claim (${account.uid})`
  const ties = [
    ['secret', secret && { named: secret, uid: uidOf(secrets, namespace, secret) }],
    ['pod', pod && { named: pod, uid: uidOf(pods, namespace, pod) }],
    // Of a Pod's token the node is only told.
    ['node', pod === undefined && node ? { named: node, uid: uidOf(nodes, '', node) } : undefined],
  ] as const
  for (const [kind, tie] of ties) {
    if (tie === undefined || tie.uid === tie.named.uid) continue
    if (tie.uid === undefined) return 'service account token has been invalidated'
    return `${kind} UID (${tie.uid}) does not match service account ${kind} ref claim (${tie.named.uid})`
  }
  return undefined
}

const uidOf = (cache: WatchCache, namespace: string, { name }: Named): string | undefined =>
  cache.get(namespace, name)?.object.metadata.uid
