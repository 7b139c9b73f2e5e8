/** Which requests are recorded, and how much of them (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy). */

import type { UserInfo } from '../../client/user.ts'
import type { RequestInfo, ResourceRequest } from '../http/request/request-info.ts'

export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const

export type Level = (typeof LEVELS)[number]
export type Stage = (typeof STAGES)[number]

export interface GroupResources {
  readonly group?: string
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** Lists that are absent or empty limit nothing. */
export interface PolicyRule {
  readonly level: Level
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly resources?: readonly GroupResources[]
  readonly namespaces?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly Stage[]
  readonly omitManagedFields?: boolean
}

/** An audit.k8s.io/v1 Policy. */
export interface Policy {
  readonly rules: readonly PolicyRule[]
  readonly omitStages?: readonly Stage[]
  readonly omitManagedFields?: boolean
}

/** What a policy says of one request. */
export interface Ruling {
  readonly level: Level
  readonly omitStages: ReadonlySet<Stage>
  readonly omitManagedFields: boolean
}

/** The ruling of the first rule that covers a request; where none does, nothing is recorded. */
export function policyRuling(policy: Policy): (info: RequestInfo, user: UserInfo | undefined) => Ruling {
  const rulings = policy.rules.map((rule): readonly [PolicyRule, Ruling] => [
    rule,
    {
      level: rule.level,
      omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    },
  ])
  return (info, user) => rulings.find(([rule]) => covers(rule, info, user))?.[1] ?? UNRECORDED
}

const UNRECORDED: Ruling = { level: 'None', omitStages: new Set(), omitManagedFields: false }

function covers(rule: PolicyRule, info: RequestInfo, user: UserInfo | undefined): boolean {
  const { users = [], userGroups = [], verbs = [], resources = [], namespaces = [], nonResourceURLs = [] } = rule
  if (users.length > 0 && !users.includes(user?.name ?? '')) return false
  if (userGroups.length > 0 && !userGroups.some((group) => user?.groups.includes(group))) return false
  if (verbs.length > 0 && !verbs.includes(info.verb)) return false
  if (namespaces.length + resources.length > 0) {
    if (!info.isResource || (namespaces.length > 0 && !namespaces.includes(info.namespace))) return false
    return resources.length === 0 || resources.some((one) => coversResource(one, info))
  }
  return nonResourceURLs.length === 0 || (!info.isResource && nonResourceURLs.some((url) => coversPath(url, info.path)))
}

const coversPath = (url: string, path: string) =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))

function coversResource({ group = '', resources = [], resourceNames = [] }: GroupResources, info: ResourceRequest) {
  if (group !== '*' && group !== info.group) return false
  if (resources.length === 0) return true
  if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false
  const { resource, subresource } = info
  const whole = subresource === '' ? resource : `${resource}/${subresource}`
  const wide = [whole, '*', `${resource}/*`, ...(subresource === '' ? [] : [`*/${subresource}`])]
  return resources.some((one) => wide.includes(one))
}
