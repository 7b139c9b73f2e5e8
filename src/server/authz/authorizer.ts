/** Whether a user may do something (https://kubernetes.io/docs/reference/access-authn-authz/authorization/). */

import type { UserInfo } from '../../client/user.ts'
import { ApiError, forbidden, isApiError } from '../../meta/errors.ts'
import { type FieldRequirement, parseFieldSelector } from '../../meta/field-selector.ts'
import { goQuote } from '../../meta/go-quote.ts'

/** What somebody wants to do with a resource. Empty texts stand for what is not named. */
export interface ResourceAttributes {
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** Of a list, watch or deletecollection: which fields it is limited to. */
  readonly fields?: readonly FieldRequirement[]
}

/**
 * The same, limited by a field selector: one object is named by its name there, too. A selector that cannot be read limits
 * nothing here: the verb refuses it.
 */
export function limitedBy(
  attributes: ResourceAttributes,
  fieldSelector: string | null | undefined,
): ResourceAttributes {
  if ((fieldSelector ?? '') === '' || attributes.name !== '') return attributes
  const fields = readFields(fieldSelector ?? '')
  const named = fields.find(({ field, op }) => field === 'metadata.name' && op === '=')
  return { ...attributes, fields, name: named?.value ?? '' }
}

/** The requirements of a field selector; none where it cannot be read. */
export function readFields(fieldSelector: string): readonly FieldRequirement[] {
  try {
    return parseFieldSelector(fieldSelector).requirements
  } catch (error) {
    if (isApiError(error)) return []
    throw error
  }
}

/** What somebody wants to do with a path that is no resource. */
export interface PathAttributes {
  readonly verb: string
  readonly path: string
}

export interface Decision {
  readonly isAllowed: boolean
  /** Why, for reviews and logs. */
  readonly reason?: string
  /** What could not be found out. */
  readonly error?: string
}

export interface Authorizer {
  onResource(user: UserInfo, attributes: ResourceAttributes): Decision
  onPath(user: UserInfo, attributes: PathAttributes): Decision
}

/** What somebody wants to do, with either. */
export type AskedAttributes = ResourceAttributes | PathAttributes

/** Throws `Forbidden` in Kubernetes's words unless `user` may. `note` is told either way. */
export function demandAllowed(
  authorizer: Authorizer,
  user: UserInfo,
  asked: AskedAttributes,
  note?: (decision: Decision) => void,
): void {
  const decision = 'path' in asked ? authorizer.onPath(user, asked) : authorizer.onResource(user, asked)
  note?.(decision)
  if (!decision.isAllowed) throw refused(user, asked, decision.reason)
}

/** The refusal of what nobody allows. */
export function refused({ name: caller }: UserInfo, asked: AskedAttributes, reason = ''): ApiError {
  const because = reason === '' ? '' : `: ${reason}`
  if ('path' in asked) {
    const why = harmless(`User ${goQuote(caller)} cannot ${asked.verb} path ${goQuote(asked.path)}`)
    return new ApiError({ message: `forbidden: ${why}${because}`, reason: 'Forbidden', details: {}, code: 403 })
  }
  const { verb, group, resource, subresource, namespace, name } = asked
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`
  const why = `User ${goQuote(caller)} cannot ${verb} resource ${goQuote(what)} in API group ${goQuote(group)} ${where}`
  return forbidden({ group, resource, name }, harmless(why) + because)
}

/** Text that a browser takes for text, whoever chose the names in it. */
const harmless = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
