/** The objects that a binding gives its policy to read (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources). */

import type { ParamKind, ParamRef } from '../../../api/generated/admissionregistration-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorOf } from '../../../meta/label-selector.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { shownAs } from '../../registry/object-views.ts'
import type { ResourceTable, ServedResource } from '../../registry/served-resource.ts'
import type { StoredObject } from '../../registry/stored-object.ts'
import type { WatchCache } from '../../watchcache/watch-cache.ts'

/** A policy or binding that cannot be followed as it is. */
export class ConfigurationFault extends Error {}

export interface ParamSource {
  readonly resources: ResourceTable
  readonly cacheOf: (key: string) => WatchCache
}

/** `null`: the policy is asked once, without parameters. */
export type Params = readonly (DeepReadonly<KubeObject> | null)[]

const NONE: Params = [null]

/** The resource of a policy's parameters; absent where it has none. Throws `ConfigurationFault`. */
export function paramResource(
  paramKind: DeepReadonly<ParamKind> | undefined,
  { resources }: ParamSource,
): ServedResource | undefined {
  if (paramKind === undefined) return undefined
  const { apiVersion = '', kind = '' } = paramKind
  for (const resource of resources.all()) {
    if (resource.apiVersion === apiVersion && resource.kind === kind && resource.stored) return resource
  }
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  throw new ConfigurationFault(`failed to find resource referenced by paramKind: '${version}, Kind=${kind}'`)
}

/** The parameters for a request in `namespace`, once for each of which the policy is asked. Throws `ConfigurationFault`. */
export function collectParams(
  resource: ServedResource | undefined,
  ref: DeepReadonly<ParamRef> | undefined,
  namespace: string,
  { cacheOf }: ParamSource,
): Params {
  if (resource === undefined || ref === undefined) return NONE
  const from = namespaceOf(resource, ref, namespace)
  const stored = paramCache(resource, cacheOf)
  const { name = '', selector } = ref
  const found = name === '' ? selected(stored.all(from === '' ? undefined : from), selector) : [stored.get(from, name)]
  const params = found.flatMap((one) => (one === undefined ? [] : [shownAs(resource, one).object]))
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    throw new ConfigurationFault('no params found for policy binding with `Deny` parameterNotFoundAction')
  }
  return params
}

function namespaceOf({ namespaced }: ServedResource, ref: DeepReadonly<ParamRef>, namespace: string): string {
  const { namespace: own = '' } = ref
  if (!namespaced) {
    if (own === '') return ''
    throw new ConfigurationFault('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  }
  if (own !== '') return own
  if (namespace !== '') return namespace
  throw new ConfigurationFault('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
}

function paramCache({ key, view }: ServedResource, cacheOf: ParamSource['cacheOf']): WatchCache {
  if (view === undefined) return cacheOf(key)
  return cacheOf(`${view.group === '' ? '' : `${view.group}/`}${view.version}/${view.resource}`)
}

function selected(all: readonly StoredObject[], selector: DeepReadonly<ParamRef>['selector']): readonly StoredObject[] {
  const wanted = selectorOf(selector)
  return all.filter(({ object }) => wanted.matches(object.metadata.labels))
}
