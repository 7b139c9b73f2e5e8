/** Questions about access and identity: answered, never stored (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */

import type { SelfSubjectReview, TokenReview } from '../../api/generated/authentication-v1.ts'
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../api/generated/authorization-v1.ts'
import type { UserInfo } from '../../client/user.ts'
import { badRequest, invalid } from '../../meta/errors.ts'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { required } from '../../meta/validation.ts'
import type { TokenIssuer } from '../authn/tokens.ts'
import type { Decision } from '../authz/authorizer.ts'
import type { RbacAuthorizer } from '../authz/rbac.ts'
import { decodeBody } from '../codec.ts'
import { plainAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { bodyTypeOf } from '../verbs/patch.ts'
import type { SubresourceHandler } from './handler.ts'

export interface ReviewDeps {
  readonly authorizer: RbacAuthorizer
  readonly tokens: TokenIssuer
}

/** By resource key. */
export function reviewHandlers({ authorizer, tokens }: ReviewDeps): readonly (readonly [string, SubresourceHandler])[] {
  const review =
    <T>(
      answer: (body: T & KubeObject, user: UserInfo, namespace: string) => object | Promise<object>,
    ): SubresourceHandler =>
    async (_core, context, request) => {
      if (request.verb !== 'create') throw methodNotAllowed()
      const body = decodeBody(request.body.value, bodyTypeOf(context), request.body.source) as T & KubeObject
      const status = await answer(body, context.user, context.namespace)
      return plainAnswer({ ...body, status }, 201)
    }
  const authorization = 'authorization.k8s.io/v1'
  const authentication = 'authentication.k8s.io/v1'
  return [
    [
      `${authorization}/selfsubjectaccessreviews`,
      review<SelfSubjectAccessReview>(({ spec }, user) => {
        demandOne('SelfSubjectAccessReview', spec)
        return decide(authorizer, user, spec)
      }),
    ],
    [
      `${authorization}/subjectaccessreviews`,
      review<SubjectAccessReview>(({ spec }) => {
        demandOne('SubjectAccessReview', spec)
        return decide(authorizer, subjectOf('SubjectAccessReview', spec), spec)
      }),
    ],
    [
      `${authorization}/localsubjectaccessreviews`,
      review<LocalSubjectAccessReview>(({ spec }, _user, namespace) => {
        demandOne('LocalSubjectAccessReview', spec)
        if ((spec.resourceAttributes?.namespace ?? namespace) !== namespace) {
          throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
        }
        return decide(authorizer, subjectOf('LocalSubjectAccessReview', spec), spec)
      }),
    ],
    [
      `${authorization}/selfsubjectrulesreviews`,
      review<SelfSubjectRulesReview>(({ spec }, user) => rulesOf(authorizer, user, spec.namespace ?? '')),
    ],
    [`${authentication}/selfsubjectreviews`, review<SelfSubjectReview>((_body, user) => ({ userInfo: shown(user) }))],
    [
      `${authentication}/tokenreviews`,
      review<TokenReview>(async ({ spec }) => {
        if ((spec.token ?? '') === '') throw badRequest('token is required for TokenReview in authentication')
        const audiences = spec.audiences ?? []
        const found = await tokens.verify(spec.token!, audiences.length === 0 ? undefined : audiences)
        if (found === undefined) return { user: {}, error: 'invalid bearer token' }
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

interface AccessSpec {
  readonly resourceAttributes?: NonNullable<SubjectAccessReview['spec']['resourceAttributes']>
  readonly nonResourceAttributes?: NonNullable<SubjectAccessReview['spec']['nonResourceAttributes']>
}

/** Exactly one of the two kinds of questions must be asked. */
function demandOne(kind: string, { resourceAttributes, nonResourceAttributes }: AccessSpec): void {
  const ref = { group: 'authorization.k8s.io', kind, name: '' }
  const path = fieldPath('spec', 'resourceAttributes')
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    throw invalid(ref, [required(path, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')])
  }
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const message = 'Invalid value: "nonResourceAttributes": cannot be specified in combination with resourceAttributes'
    throw invalid(ref, [{ type: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message }])
  }
}

function subjectOf(kind: string, spec: SubjectAccessReview['spec']): UserInfo {
  const { user = '', groups = [], uid, extra } = spec
  if (user === '' && groups.length === 0) {
    throw invalid({ group: 'authorization.k8s.io', kind, name: '' }, [
      required(fieldPath('spec', 'user'), 'at least one of user or group must be specified'),
    ])
  }
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
}

function decide(
  authorizer: RbacAuthorizer,
  user: UserInfo,
  { resourceAttributes: asked, nonResourceAttributes: path }: AccessSpec,
): object {
  const text = (value: string | undefined) => value ?? ''
  const decision: Decision =
    asked === undefined
      ? authorizer.onPath(user, { verb: text(path?.verb), path: text(path?.path) })
      : authorizer.onResource(user, {
          verb: text(asked.verb),
          group: text(asked.group),
          version: text(asked.version),
          resource: text(asked.resource),
          subresource: text(asked.subresource),
          namespace: text(asked.namespace),
          name: text(asked.name),
        })
  return {
    allowed: decision.isAllowed,
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
    ...(decision.error === undefined ? {} : { evaluationError: decision.error }),
  }
}

function rulesOf(authorizer: RbacAuthorizer, user: UserInfo, namespace: string): object {
  if (namespace === '') throw badRequest('no namespace on request')
  const all = authorizer.rulesFor(user, namespace)
  const everything = user.groups.includes('system:masters')
  const isTold = all.some(
    ({ verbs, nonResourceURLs }) => verbs.includes('*') && nonResourceURLs?.includes('*') === true,
  )
  return {
    resourceRules: [
      ...(everything ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] : []),
      ...all.filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length === 0),
    ],
    nonResourceRules: [
      ...(everything && !isTold ? [{ verbs: ['*'], nonResourceURLs: ['*'] }] : []),
      ...all
        .filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    ],
    incomplete: false,
  }
}
