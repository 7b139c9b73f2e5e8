/** Whom a request's headers ask to act as (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/). */

import { goQuote, goStrings } from '../../meta/go-quote.ts'
import { badRequest } from '../../meta/errors.ts'

/** As it was asked for: nothing is added yet. */
export interface WantedUser {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: ReadonlyMap<string, readonly string[]>
}

const PREFIX = 'impersonate-'
const EXTRA = 'impersonate-extra-'

/**
 * Undefined: nobody. `rawHeaders` has names and values in turn, each as often as it was sent: a comma in a group is part of
 * the group. Throws `BadRequest` for groups and the like without a user.
 */
export function wantedUser(rawHeaders: readonly string[]): WantedUser | undefined {
  let name = ''
  let uid = ''
  const groups: string[] = []
  const extra = new Map<string, string[]>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at]!
    if (header.length < PREFIX.length || header.slice(0, PREFIX.length).toLowerCase() !== PREFIX) continue
    const value = rawHeaders[at + 1] ?? ''
    const lower = header.toLowerCase()
    if (lower === 'impersonate-user') name ||= value
    else if (lower === 'impersonate-uid') uid ||= value
    else if (lower === 'impersonate-group') groups.push(value)
    else if (lower.startsWith(EXTRA)) {
      const key = unescaped(lower.slice(EXTRA.length))
      extra.set(key, [...(extra.get(key) ?? []), value])
    }
  }
  if (name !== '') return { name, uid, groups, extra }
  if (uid === '' && groups.length === 0 && extra.size === 0) return undefined
  throw badRequest(`requested ${goUser({ name, uid, groups, extra })} without impersonating a user name`)
}

/** A user as Go prints one. */
function goUser({ uid, groups, extra }: WantedUser): string {
  const pairs = [...extra].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const pairTexts = pairs.map(([key, values]) => `${goQuote(key)}:${goStrings(values)}`)
  const groupText = groups.length === 0 ? '[]string(nil)' : goStrings(groups)
  const extraText = pairs.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairTexts.join(', ')}}`
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${groupText}, Extra:${extraText}}`
}

/** As it was sent where it is not well escaped. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
