/** serviceaccounts/token: a new token for an account, bound to a Pod if the caller says so (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/). */

import { decodeJwt } from 'jose'
import type { TokenRequest } from '../../api/generated/authentication-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { badRequest, conflict, invalid, notFound } from '../../meta/errors.ts'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { invalidValue } from '../../meta/validation.ts'
import type { TokenIssuer, TokenSubject } from '../authn/tokens.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { plainAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { trackFields } from '../verbs/field-owner.ts'
import { matchNamespace } from '../verbs/metadata.ts'
import { getObject } from '../verbs/read.ts'
import { readBody } from '../verbs/read-body.ts'
import { admitPart } from './admit-part.ts'
import type { SubresourceHandler } from './handler.ts'

const TYPE = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', type: 'authentication/v1.TokenRequest' }
const HOUR_S = 3_600
const SHORTEST_S = 600
const LONGEST_S = 2 ** 32

export function tokenHandler(tokens: TokenIssuer): SubresourceHandler {
  return async (core, context, request) => {
    if (request.verb !== 'create') throw methodNotAllowed()
    const body = readBody(context, request.body, request.options, TYPE) as TokenRequest & KubeObject
    const { name, namespace, object } = getObject(core, context)
    checkMetadata(body, context, object.metadata.uid)
    const spec = body.spec ?? {}
    await admitPart(core, context, body, request.options)
    const seconds = Number(spec.expirationSeconds ?? HOUR_S)
    checkSeconds(seconds)
    const account = { name, uid: object.metadata.uid ?? '' }
    const bound = boundTo(core, context, spec.boundObjectRef)
    const subject: TokenSubject = { namespace, serviceAccount: account, ...bound }
    const audiences = (spec.audiences ?? []).length === 0 ? tokens.audiences : spec.audiences!
    const token = await tokens.issue(subject, audiences, seconds)
    context.annotate?.('authentication.kubernetes.io/issued-credential-id', `JTI=${decodeJwt(token).jti}`)
    const expirationTimestamp = toTime(core.clock.now() + seconds * 1_000)
    const own = { name, namespace, uid: core.random.uuid(), creationTimestamp: toTime(core.clock.now()) }
    const draft = { ...body, metadata: { ...body.metadata, ...own }, spec: { ...spec, expirationSeconds: seconds } }
    trackFields(core, ofToken(context), { draft, options: request.options })
    const answered = { ...draft.spec, audiences: [...audiences], boundObjectRef: spec.boundObjectRef ?? null }
    return plainAnswer({ ...draft, spec: answered, status: { token, expirationTimestamp } }, 201)
  }
}

/** Fields are owned as those of the request, not of the account it is about. */
function ofToken(context: RequestContext): RequestContext {
  const { resource } = context
  const facts = { ...resource.facts, type: TYPE.type }
  return { ...context, resource: { ...resource, apiVersion: TYPE.apiVersion, facts } }
}

/** What a request says of the account must be true of the account. */
function checkMetadata({ metadata }: KubeObject, { name, namespace }: RequestContext, own = ''): void {
  matchNamespace(namespace, metadata)
  const group = 'authentication.k8s.io'
  const { name: given = '', uid = '' } = metadata
  if (given !== '' && given !== name) {
    const fault = invalidValue(fieldPath('metadata', 'name'), given, 'must match the service account name if specified')
    throw invalid({ group, kind: 'TokenRequest', name }, [fault])
  }
  if (uid === '' || uid === own) return
  const why = `the UID in the token request (${uid}) does not match the UID of the service account (${own})`
  throw conflict({ group, resource: 'TokenRequest', name }, why)
}

function checkSeconds(seconds: number): void {
  const words =
    seconds < SHORTEST_S
      ? 'may not specify a duration less than 10 minutes'
      : seconds > LONGEST_S
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined
  if (words === undefined) return
  const fault = invalidValue(fieldPath('spec', 'expirationSeconds'), seconds, words)
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest', name: '' }, [fault])
}

type Bound = NonNullable<NonNullable<TokenRequest['spec']>['boundObjectRef']>

/** What else the token is bound to; the object must be there, and a Pod must be one of this account. */
function boundTo(
  core: ApiCore,
  { namespace, name: account }: RequestContext,
  ref: Bound | null | undefined,
): Pick<TokenSubject, 'pod' | 'node' | 'secret'> {
  if (ref === undefined || ref === null) return {}
  const kinds = { Pod: 'v1/pods', Node: 'v1/nodes', Secret: 'v1/secrets' } as const
  const { apiVersion = '', kind = '', name = '', uid } = ref
  const isGrouped = apiVersion.includes('/')
  if (isGrouped || (kind !== 'Pod' && kind !== 'Node' && kind !== 'Secret')) {
    throw badRequest(`cannot bind token to object of type ${isGrouped ? '' : '/'}${apiVersion}, Kind=${kind}`)
  }
  if (name === '') throw badRequest('Name parameter required.')
  const resource = core.resources.need(kinds[kind])
  const found = core.caches.of(resource).get(kind === 'Node' ? '' : namespace, name)
  if (found === undefined) throw notFound({ resource: resource.resource, name })
  const own = found.object.metadata.uid ?? ''
  if (uid !== undefined && uid !== '' && uid !== own) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ resource: kind, name }, why)
  }
  if (kind !== 'Pod') return kind === 'Node' ? { node: { name, uid: own } } : { secret: { name, uid: own } }
  const pod = found.object as DeepReadonly<Pod>
  const used = pod.spec?.serviceAccountName ?? ''
  if (used !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    )
  }
  const node = core.caches.of(core.resources.need('v1/nodes')).get('', pod.spec?.nodeName ?? '')
  return {
    pod: { name, uid: own },
    ...(node === undefined ? {} : { node: { name: node.name, uid: node.object.metadata.uid ?? '' } }),
  }
}
