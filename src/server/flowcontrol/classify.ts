/** Which flow schema a request belongs to (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema). Pure. */

import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/generated/flowcontrol-v1.ts'
import type { UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { PathRequest, RequestInfo, ResourceRequest } from '../http/request/request-info.ts'

export type ReadFlowSchema = DeepReadonly<FlowSchema>

const ALL = '*'

/** The schemas in the order in which they are asked. */
export function inOrder(schemas: readonly ReadFlowSchema[]): readonly ReadFlowSchema[] {
  const precedence = ({ spec }: ReadFlowSchema) => spec?.matchingPrecedence ?? 0
  const name = ({ metadata }: ReadFlowSchema) => metadata.name ?? ''
  return schemas.toSorted((a, b) => precedence(a) - precedence(b) || (name(a) < name(b) ? -1 : 1))
}

type Rule = DeepReadonly<PolicyRulesWithSubjects>

/** The rules of a schema that speak of one user. */
interface Candidate<Flow> {
  readonly flow: Flow
  readonly rules: readonly Rule[]
}

/** Finds the flow of a request; which schemas speak of a user is found out once. */
export class Classifier<Flow extends { readonly schema: ReadFlowSchema }> {
  readonly #ordered: readonly Flow[]
  readonly #byUser = new WeakMap<UserInfo, readonly Candidate<Flow>[]>()

  /** Of flows in the order in which they are asked. */
  constructor(ordered: readonly Flow[]) {
    this.#ordered = ordered
  }

  /** The first whose schema the request fits. */
  find(info: RequestInfo, user: UserInfo): Flow | undefined {
    let candidates = this.#byUser.get(user)
    if (candidates === undefined) this.#byUser.set(user, (candidates = this.#candidatesFor(user)))
    for (const { flow, rules } of candidates) if (rules.some((rule) => fits(rule, info))) return flow
    return undefined
  }

  #candidatesFor(user: UserInfo): readonly Candidate<Flow>[] {
    return this.#ordered.flatMap((flow) => {
      const rules = flow.schema.spec?.rules ?? []
      const meant = rules.filter(({ subjects = [] }) => subjects.some((subject) => isMeant(subject, user)))
      return meant.length === 0 ? [] : [{ flow, rules: meant }]
    })
  }
}

function fits({ resourceRules = [], nonResourceRules = [] }: Rule, info: RequestInfo): boolean {
  return info.isResource
    ? resourceRules.some((each) => fitsResource(each, info))
    : nonResourceRules.some((each) => fitsPath(each, info))
}

function isMeant(subject: DeepReadonly<Subject>, { name: username, groups }: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === ALL || subject.user?.name === username
    case 'Group':
      return subject.group?.name === ALL || groups.includes(subject.group?.name ?? '')
    case 'ServiceAccount': {
      const { namespace = '', name = '' } = subject.serviceAccount ?? {}
      const prefix = `system:serviceaccount:${namespace}:`
      return name === ALL ? username.startsWith(prefix) : username === prefix + name
    }
    default:
      return false
  }
}

const has = (names: readonly string[] | undefined, name: string) =>
  names?.includes(ALL) === true || names?.includes(name) === true

function fitsResource(rule: DeepReadonly<ResourcePolicyRule>, info: ResourceRequest): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`
  if (!has(rule.verbs, info.verb) || !has(rule.apiGroups, info.group) || !has(rule.resources, resource)) return false
  return info.namespace === '' ? rule.clusterScope === true : has(rule.namespaces, info.namespace)
}

function fitsPath({ verbs, nonResourceURLs = [] }: DeepReadonly<NonResourcePolicyRule>, info: PathRequest): boolean {
  const isPath = (url: string) =>
    url === ALL || url === info.path || (url.endsWith('/*') && info.path.startsWith(url.slice(0, -1)))
  return has(verbs, info.verb) && nonResourceURLs.some(isPath)
}
