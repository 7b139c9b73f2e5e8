/**
 * Whoever makes a policy read parameters must be allowed to read them
 * (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources).
 */

import type { ParamKind, ParamRef } from '../../../api/generated/admissionregistration-v1.ts'
import { MASTERS_GROUP, type UserInfo } from '../../../client/user.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { invalid } from '../../../meta/errors.ts'
import { fieldPath } from '../../../meta/field-path.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { deepEqual, forbiddenField } from '../../../meta/validation.ts'
import type { Authorizer, ResourceAttributes } from '../../authz/authorizer.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { type ParamSource, paramResource } from './params.ts'

export interface ParamRightsDeps extends ParamSource {
  readonly authorizer: Authorizer
}

type Policy = DeepReadonly<KubeObject & { spec?: { paramKind?: ParamKind } }>
type Binding = DeepReadonly<KubeObject & { spec?: { policyName?: string; paramRef?: ParamRef } }>

const GROUP = 'admissionregistration.k8s.io'
const POLICIES: Readonly<Record<string, string>> = {
  validatingadmissionpolicybindings: 'validatingadmissionpolicies',
  mutatingadmissionpolicybindings: 'mutatingadmissionpolicies',
}

/** Told as a fault of the object, when it has no other. */
export function paramRights(deps: ParamRightsDeps): AdmissionPlugin {
  return {
    name: 'ParamRights',
    validate(request) {
      const { operation, resource, subresource, user } = request
      if (resource.group !== GROUP || subresource !== '' || operation === 'DELETE') return
      if (user.groups.includes(MASTERS_GROUP)) return
      const policies = POLICIES[resource.resource]
      if (policies !== undefined) judgeBinding(deps, request, policies)
      else if (Object.values(POLICIES).includes(resource.resource)) judgePolicy(deps, request)
    },
  }
}

function judgePolicy(deps: ParamRightsDeps, request: AdmissionRequest): void {
  const { paramKind } = (request.object as Policy).spec ?? {}
  if (paramKind === undefined || deepEqual((request.old as Policy | undefined)?.spec?.paramKind, paramKind)) return
  const asked = { ...readOf(deps, paramKind).what, verb: 'get', name: '*', namespace: '*' }
  if (deps.authorizer.onResource(request.user, asked).isAllowed) return
  const { kind = '', apiVersion = '' } = paramKind
  const words = `must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`
  throw refusal(request, 'paramKind', `user ${userText(request.user)} ${words}`)
}

function judgeBinding(deps: ParamRightsDeps, request: AdmissionRequest, policies: string): void {
  const { policyName = '', paramRef } = (request.object as Binding).spec ?? {}
  // Kubernetes asks again whatever changes, for no two references are the same to it.
  if (paramRef === undefined) return
  const policy = deps.cacheOf(`${GROUP}/v1/${policies}`).get('', policyName)?.object as Policy | undefined
  const { what, unknown } = readOf(deps, policy?.spec?.paramKind)
  const { name = '', namespace = '' } = paramRef
  const verb = name === '' ? 'list' : 'get'
  if (deps.authorizer.onResource(request.user, { ...what, verb, name, namespace }).isAllowed) return
  const user = `user ${userText(request.user)} does not have "${verb}" permission`
  const all = `to determine minimum required permissions and ${user} for all groups, versions and resources`
  if (policy === undefined) throw refusal(request, 'paramRef', `unable to get policy ${policyName} ${all}`)
  if (unknown !== undefined) throw refusal(request, 'paramRef', `unable to resolve paramKind ${unknown} ${all}`)
  throw refusal(request, 'paramRef', `${user} on the object referenced by paramRef`)
}

/** What is to be read; everything, where nobody knows of the kind. */
function readOf(
  deps: ParamRightsDeps,
  paramKind: DeepReadonly<ParamKind> | undefined,
): { readonly what: Omit<ResourceAttributes, 'verb' | 'name' | 'namespace'>; readonly unknown?: string } {
  if (paramKind === undefined) return { what: { group: '*', version: '*', resource: '*', subresource: '' } }
  const { apiVersion = '', kind = '' } = paramKind
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion]
  try {
    const resource = paramResource(paramKind, deps)?.resource ?? '*'
    return { what: { group, version, resource, subresource: '' } }
  } catch {
    return { what: { group, version, resource: '*', subresource: '' }, unknown: `&{${apiVersion} ${kind}}` }
  }
}

/** A user as Go prints the struct. */
function userText({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const more = Object.keys(extra)
    .toSorted()
    .map((key) => `${key}:[${extra[key]!.join(' ')}]`)
  return `&{${name} ${uid} [${groups.join(' ')}] map[${more.join(' ')}]}`
}

function refusal({ resource: { group, kind }, object }: AdmissionRequest, field: string, words: string): Error {
  const fault = forbiddenField(fieldPath('spec', field), words)
  return invalid({ group, kind, name: object?.metadata.name ?? '' }, [fault])
}
