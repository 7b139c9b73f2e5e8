/** Acting as somebody else (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). */

import type { IncomingHttpHeaders } from 'node:http'
import { AUTHENTICATED_GROUP, serviceAccountGroups, UNAUTHENTICATED_GROUP, type UserInfo } from '../../client/user.ts'
import { badRequest } from '../../meta/errors.ts'
import { type Authorizer, demandResource } from '../authz/authorizer.ts'

const EXTRA = 'impersonate-extra-'

/** The user a request acts as: the caller, or, if the caller may, whom the headers name. */
export function impersonated(user: UserInfo, headers: IncomingHttpHeaders, authorizer: Authorizer): UserInfo {
  const name = textOf(headers['impersonate-user'])
  const groups = listOf(headers['impersonate-group'])
  const uid = textOf(headers['impersonate-uid'])
  const extraNames = Object.keys(headers).filter((header) => header.startsWith(EXTRA))
  if (name === '' && groups.length === 0 && uid === '' && extraNames.length === 0) return user
  if (name === '') {
    const extra = Object.fromEntries(extraNames.map((header) => [header.slice(EXTRA.length), listOf(headers[header])]))
    throw badRequest(`requested ${goUser({ uid, groups, extra })} without impersonating a user name`)
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const demand = (resource: string, group: string, namespace: string, what: string, subresource = '') =>
    demandResource(authorizer, user, {
      verb: 'impersonate',
      group,
      version: 'v1',
      resource,
      subresource,
      namespace,
      name: what,
    })
  if (account === null) demand('users', '', '', name)
  else demand('serviceaccounts', '', account[1]!, account[2]!)
  for (const group of groups) demand('groups', '', '', group)
  const extra: Record<string, string[]> = {}
  for (const header of extraNames) {
    const key = unescaped(header.slice(EXTRA.length))
    extra[key] = listOf(headers[header])
    for (const value of extra[key]) demand('userextras', 'authentication.k8s.io', '', value, key)
  }
  if (uid !== '') demand('uids', 'authentication.k8s.io', '', uid)
  const all = groups.length > 0 || account === null ? groups : serviceAccountGroups(account[1]!)
  const isNobody = name === 'system:anonymous' || all.includes(UNAUTHENTICATED_GROUP)
  return {
    name,
    ...(uid === '' ? {} : { uid }),
    groups: isNobody || all.includes(AUTHENTICATED_GROUP) ? all : [...all, AUTHENTICATED_GROUP],
    ...(extraNames.length === 0 ? {} : { extra }),
  }
}

/** A user as Go prints one. */
function goUser({ uid, groups, extra }: Required<Pick<UserInfo, 'uid' | 'groups' | 'extra'>>): string {
  const list = (texts: readonly string[]) => `[]string{${texts.map((text) => JSON.stringify(text)).join(', ')}}`
  const pairs = Object.entries(extra).map(([key, values]) => `${JSON.stringify(key)}:${list(values).slice(8)}`)
  const groupText = groups.length === 0 ? '[]string(nil)' : list(groups)
  const extraText = pairs.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairs.join(', ')}}`
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${groupText}, Extra:${extraText}}`
}

/** As it was sent where it is not well escaped. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? (value[0] ?? '') : (value ?? ''))
const listOf = (value: string | string[] | undefined) =>
  value === undefined ? [] : Array.isArray(value) ? value : value.split(', ')
