/** Questions about access and identity: answered, never stored (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { SelfSubjectReview, TokenReview } from '../../api/generated/authentication-v1.ts'
import type {
  FieldSelectorAttributes,
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../api/generated/authorization-v1.ts'
import { ANONYMOUS, type UserInfo } from '../../client/user.ts'
import { badRequest, invalid } from '../../meta/errors.ts'
import { toTime } from '../../base/clock.ts'
import type { FieldError } from '../../meta/field-path.ts'
import type { FieldRequirement } from '../../meta/field-selector.ts'
import type { KubeObject } from '../../meta/types.ts'
import { readBearer } from '../authn/authenticator.ts'
import type { TokenIssuer } from '../authn/tokens.ts'
import { type Decision, readFields } from '../authz/authorizer.ts'
import type { ClusterAuthorizer } from '../authz/cluster-authorizer.ts'
import type { ApiCore } from '../core.ts'
import { plainAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { trackFields } from '../verbs/field-owner.ts'
import { readBody } from '../verbs/read-body.ts'
import type { SubresourceHandler } from './handler.ts'
import { type AccessSpec, localFaults, metadataFaults, questionFaults, subjectFaults } from './review-faults.ts'
import { unreadSelectors } from './unread-selectors.ts'

export interface ReviewDeps {
  readonly authorizer: ClusterAuthorizer
  readonly tokens: TokenIssuer
}

/** By resource key. */
export function reviewHandlers({ authorizer, tokens }: ReviewDeps): readonly (readonly [string, SubresourceHandler])[] {
  const review =
    <T extends KubeObject>(
      answer: (body: T, user: UserInfo, namespace: string) => object | Promise<object>,
      finish: (body: T, core: ApiCore) => object = (body) => body,
    ): SubresourceHandler =>
    async (core, context, request) => {
      if (request.verb !== 'create') throw methodNotAllowed()
      const body = readBody(context, request.body, request.options) as T
      if (context.resource.namespaced) body.metadata.namespace = context.namespace
      else delete body.metadata.namespace
      trackFields(core, context, { draft: body, options: request.options })
      const status = await answer(body, context.user, context.namespace)
      return plainAnswer({ ...finish(body, core), status }, 201)
    }
  const authorization = 'authorization.k8s.io/v1'
  const authentication = 'authentication.k8s.io/v1'
  return [
    [
      `${authorization}/selfsubjectaccessreviews`,
      review<SelfSubjectAccessReview & KubeObject>(({ metadata, spec }, user) => {
        refuse([...questionFaults(spec), ...metadataFaults(metadata)])
        return decide(authorizer, user, spec)
      }),
    ],
    [
      `${authorization}/subjectaccessreviews`,
      review<SubjectAccessReview & KubeObject>(({ metadata, spec }) => {
        refuse([...questionFaults(spec), ...subjectFaults(spec), ...metadataFaults(metadata)])
        return decide(authorizer, subjectOf(spec), spec)
      }),
    ],
    [
      `${authorization}/localsubjectaccessreviews`,
      review<LocalSubjectAccessReview & KubeObject>(({ metadata, spec }, _user, namespace) => {
        refuse([
          ...questionFaults(spec),
          ...subjectFaults(spec),
          ...metadataFaults(metadata, true),
          ...localFaults(spec, namespace),
        ])
        return decide(authorizer, subjectOf(spec), spec)
      }),
    ],
    [
      `${authorization}/selfsubjectrulesreviews`,
      review<SelfSubjectRulesReview & KubeObject>(
        ({ spec }, user) => rulesOf(authorizer, user, spec.namespace ?? ''),
        // What was asked is not said again.
        ({ apiVersion, kind }) => ({ apiVersion, kind, metadata: {}, spec: {} }),
      ),
    ],
    [
      `${authentication}/selfsubjectreviews`,
      review<SelfSubjectReview & KubeObject>(
        (_body, user) => ({ userInfo: shown(user) }),
        (body, { clock }) => ({ ...body, metadata: { ...body.metadata, creationTimestamp: toTime(clock.now()) } }),
      ),
    ],
    [
      `${authentication}/tokenreviews`,
      review<TokenReview & KubeObject>(async ({ spec }) => {
        if ((spec.token ?? '') === '') throw badRequest('token is required for TokenReview in authentication')
        const audiences = spec.audiences ?? []
        // It is read as it would stand in a header, and a request without a token is nobody's.
        const { token } = readBearer(`Bearer ${spec.token}`)
        if (token === '') {
          return {
            authenticated: true,
            user: shown(ANONYMOUS),
            audiences: audiences.length === 0 ? tokens.audiences : audiences,
          }
        }
        const reasons = ['invalid bearer token']
        const found = await tokens.verify(token, audiences.length === 0 ? undefined : audiences, (why) => {
          reasons.push(why)
        })
        if (found === undefined)
          return { user: {}, error: reasons.length === 1 ? reasons[0] : `[${reasons.join(', ')}]` }
        return { authenticated: true, user: shown(found.user), audiences: found.audiences }
      }),
    ],
  ]
}

const shown = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid === undefined ? {} : { uid }),
  groups,
  ...(extra === undefined ? {} : { extra }),
})

/** Kubernetes does not say of which kind the question was. */
function refuse(faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '', name: '' }, faults)
}

function subjectOf({ user = '', groups = [], uid, extra }: SubjectAccessReview['spec']): UserInfo {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
}

function decide(
  authorizer: ClusterAuthorizer,
  user: UserInfo,
  { resourceAttributes: asked, nonResourceAttributes: path }: AccessSpec,
): object {
  const text = (value: string | undefined) => value ?? ''
  const decision: Decision =
    asked === undefined
      ? authorizer.onPath(user, { verb: text(path?.verb), path: text(path?.path) })
      : authorizer.onResource(user, {
          fields: fieldsOf(asked.fieldSelector),
          verb: text(asked.verb),
          group: text(asked.group),
          version: text(asked.version),
          resource: text(asked.resource),
          subresource: text(asked.subresource),
          namespace: text(asked.namespace),
          name: text(asked.name),
        })
  const errors = [...(decision.error === undefined ? [] : [decision.error]), ...unreadSelectors(asked ?? {})]
  return {
    allowed: decision.isAllowed,
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
    ...(errors.length === 0 ? {} : { evaluationError: errors.join('; ') }),
  }
}

/** The fields that a question is limited to; what cannot be read limits nothing. */
function fieldsOf({ rawSelector = '', requirements = [] }: FieldSelectorAttributes = {}): readonly FieldRequirement[] {
  if (rawSelector !== '') return readFields(rawSelector)
  return requirements.flatMap(({ key, operator, values: [value, ...more] = [] }): FieldRequirement[] => {
    if (value === undefined || more.length > 0) return []
    if (operator === 'In') return [{ field: key, op: '=', value }]
    return operator === 'NotIn' ? [{ field: key, op: '!=', value }] : []
  })
}

function rulesOf(authorizer: ClusterAuthorizer, user: UserInfo, namespace: string): object {
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules: all, incomplete } = authorizer.rulesFor(user, namespace)
  const everything = user.groups.includes('system:masters')
  const isAll = (values: readonly string[] | undefined) => values?.includes('*') === true
  const isTold = all.some(({ verbs, nonResourceURLs }) => isAll(verbs) && isAll(nonResourceURLs))
  const isGiven = all.some(({ verbs, resources, apiGroups }) => [verbs, resources, apiGroups].every(isAll))
  return {
    resourceRules: [
      ...(everything && !isGiven ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] : []),
      ...all.filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length === 0),
    ],
    nonResourceRules: [
      ...(everything && !isTold ? [{ verbs: ['*'], nonResourceURLs: ['*'] }] : []),
      ...all
        .filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    ],
    incomplete: incomplete !== undefined,
    ...(incomplete === undefined ? {} : { evaluationError: incomplete }),
  }
}
