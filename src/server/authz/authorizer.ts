/** Whether a user may do something (https://kubernetes.io/docs/reference/access-authn-authz/authorization/). */

import type { UserInfo } from '../../client/user.ts'
import { ApiError, forbidden, isApiError } from '../../meta/errors.ts'
import { type FieldRequirement, parseFieldSelector } from '../../meta/field-selector.ts'

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

/** Throws `Forbidden` in Kubernetes's words unless `user` may. `note` is told either way. */
export function demandResource(
  authorizer: Authorizer,
  user: UserInfo,
  attributes: ResourceAttributes,
  note?: (decision: Decision) => void,
): void {
  const decision = authorizer.onResource(user, attributes)
  note?.(decision)
  if (decision.isAllowed) return
  const { verb, group, resource, subresource, namespace, name } = attributes
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const why = `User ${JSON.stringify(user.name)} cannot ${verb} resource "${what}" in API group "${group}" ${where}`
  const because = decision.reason === undefined || decision.reason === '' ? '' : `: ${decision.reason}`
  throw forbidden({ group, resource, name }, why + because)
}

/** The same for a path. */
export function demandPath(
  authorizer: Authorizer,
  user: UserInfo,
  attributes: PathAttributes,
  note?: (decision: Decision) => void,
): void {
  const decision = authorizer.onPath(user, attributes)
  note?.(decision)
  if (decision.isAllowed) return
  const { verb, path } = attributes
  const message = `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`
  throw new ApiError({ message, reason: 'Forbidden', details: {}, code: 403 })
}
