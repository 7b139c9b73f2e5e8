/** What the expressions of a policy see of a request (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression). */

import type { Variables } from '../../../meta/cel/evaluate.ts'
import {
  authorizerValue,
  type Authorize,
  type Question,
  resourceCheckValue,
} from '../../../meta/cel/libraries/authorizer.ts'
import { type CelValue, fromHost } from '../../../meta/cel/values.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { AUTHENTICATED_GROUP, serviceAccountUser, type UserInfo } from '../../../client/user.ts'
import type { Authorizer } from '../../authz/authorizer.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import type { WatchCache } from '../../watchcache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'
import { requestedNamespace, requestedResource } from './matching.ts'

export interface ScopeDeps {
  readonly authorizer: Authorizer
  readonly namespaces: WatchCache
}

/** A request as policies that match it as the same resource see it; each value is made when it is first asked for. */
export class RequestScope {
  readonly #request: AdmissionRequest
  readonly #matched: ServedResource
  readonly #deps: ScopeDeps
  readonly #made = new Map<string, CelValue>()

  constructor(request: AdmissionRequest, matched: ServedResource, deps: ScopeDeps) {
    this.#request = request
    this.#matched = matched
    this.#deps = deps
  }

  /** The object changed: what was made of it is made anew. */
  objectChanged(): void {
    this.#made.delete('object')
  }

  /** The variables for one set of parameters. */
  variables(
    params: DeepReadonly<KubeObject> | null,
    { authorizer = true, namespace = true }: { readonly authorizer?: boolean; readonly namespace?: boolean } = {},
  ): Variables {
    const paramsValue = fromHost(params)
    return (name) => {
      if (name === 'params') return paramsValue
      if (name === 'namespaceObject' && !namespace) return null
      if (name.startsWith('authorizer') && !authorizer) return undefined
      const known = this.#made.get(name)
      if (known !== undefined) return known
      const made = this.#make(name)
      if (made !== undefined) this.#made.set(name, made)
      return made
    }
  }

  #make(name: string): CelValue | undefined {
    const { object, old } = this.#request
    switch (name) {
      case 'object':
        return fromHost(objectSeen(this.#request, this.#matched, object))
      case 'oldObject':
        return fromHost(objectSeen(this.#request, this.#matched, old))
      case 'request':
        return fromHost(requestSeen(this.#request, this.#matched))
      case 'namespaceObject':
        return fromHost(this.#namespace())
      case 'authorizer':
        return authorizerValue(this.#authorize())
      case 'authorizer.requestResource':
        return resourceCheckValue(this.#question(), this.#authorize())
      default:
        return undefined
    }
  }

  #namespace(): object | null {
    const { namespace } = this.#request
    const found = namespace === '' ? undefined : this.#deps.namespaces.get('', namespace)?.object
    if (found === undefined) return null
    const { ownerReferences: _, managedFields: __, ...metadata } = found.metadata
    return { ...found, metadata }
  }

  #question(): Question {
    const { subresource, name } = this.#request
    const namespace = requestedNamespace(this.#request)
    const { group, resource } = requestedResource(this.#request)
    return { group, resource, subresource, namespace, name }
  }

  #authorize(): Authorize {
    const { authorizer } = this.#deps
    const { user } = this.#request
    return (question) => {
      const { isAllowed, reason = '', error } = decide(authorizer, question, askerOf(question, user))
      return { allowed: isAllowed, reason, ...(error === undefined ? {} : { error }) }
    }
  }
}

/** A service account that has not shown a token is nobody authenticated. */
function askerOf({ serviceAccount }: Question, user: UserInfo): UserInfo {
  if (serviceAccount === undefined) return user
  const asker = serviceAccountUser(serviceAccount.namespace, serviceAccount.name)
  return { ...asker, groups: asker.groups.filter((group) => group !== AUTHENTICATED_GROUP) }
}

function decide(authorizer: Authorizer, question: Question, user: UserInfo) {
  const { path, verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = question
  if (path !== undefined) return authorizer.onPath(user, { verb, path })
  return authorizer.onResource(user, { verb, group, version: '*', resource, subresource, namespace, name })
}

/** An object in the version that the request matches as. */
export function objectSeen(
  { lens }: AdmissionRequest,
  { view }: ServedResource,
  object: DeepReadonly<KubeObject> | undefined,
): DeepReadonly<KubeObject> | null {
  if (object === undefined) return null
  if (lens !== undefined) return lens.show(object)
  return view === undefined ? object : view.fromStored(structuredClone(object) as KubeObject)
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const

function requestSeen(request: AdmissionRequest, matched: ServedResource): object {
  const { operation, subresource, name, user, isDryRun } = request
  const requested = requestedResource(request)
  const namespace = requestedNamespace(request)
  return {
    uid: '',
    kind: kindSeen(request, matched),
    resource: resourceSeen(matched),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindSeen(request, requested),
    requestResource: resourceSeen(requested),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: userSeen(user),
    dryRun: isDryRun,
    options: optionsSeen(request),
  }
}

const resourceSeen = ({ group, version, resource }: ServedResource) => ({ group, version, resource })

/** Subresources may have objects of another kind. */
function kindSeen({ object, lens, subresource }: AdmissionRequest, { group, version, kind }: ServedResource): object {
  const own = { group, version, kind }
  if (subresource === '' || object === undefined) return own
  const { apiVersion, kind: partKind } = (lens === undefined ? object : lens.show(object)) as Partial<KubeObject>
  if (apiVersion === undefined || partKind === undefined || (lens === undefined && partKind === kind)) return own
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind: partKind }
}

function userSeen({ name, uid = '', groups, extra = {} }: UserInfo): object {
  return {
    ...(name === '' ? {} : { username: name }),
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function optionsSeen({ operation, options, deleteOptions, isDryRun }: AdmissionRequest): object | null {
  if (operation === 'CONNECT') return null
  const type = { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1' }
  if (operation === 'DELETE') return { ...deleteOptions, ...type }
  const { fieldManager, fieldValidation } = options ?? {}
  return {
    ...type,
    ...(isDryRun ? { dryRun: ['All'] } : {}),
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(fieldValidation === undefined ? {} : { fieldValidation }),
  }
}
