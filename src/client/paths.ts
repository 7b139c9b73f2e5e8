/** The paths and queries of API calls (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris). */

import type { ApiCall, ListOptions, PatchType, ResourceTarget, WatchOptions, WriteOptions } from './transport.ts'

/** The path of a target, e.g. `/apis/apps/v1/namespaces/default/deployments/web/status`. */
export function pathOf({ resource, namespace, name, subresource }: ResourceTarget): string {
  const parts = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version]
  if (namespace !== undefined && namespace !== '') parts.push('namespaces', namespace)
  parts.push(resource.resource)
  if (name !== undefined) parts.push(name)
  if (subresource !== undefined) parts.push(subresource)
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/** A query with its question mark; nothing when there is none. */
function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}

const listQuery = (options: ListOptions = {}) => queryOf({ ...options })

const writeQuery = ({ dryRun, fieldManager, fieldValidation, force }: WriteOptions = {}) =>
  queryOf({ dryRun: dryRun === true ? 'All' : undefined, fieldManager, fieldValidation, force })

/** The path and query of a watch. */
export function watchPath(target: ResourceTarget, options: WatchOptions): string {
  const { sendInitialEvents, ...rest } = options
  const match = sendInitialEvents === undefined ? {} : { resourceVersionMatch: 'NotOlderThan' }
  return pathOf(target) + queryOf({ watch: true, ...match, ...rest, sendInitialEvents })
}

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

/** A call as HTTP has it. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly contentType?: string
  readonly body?: unknown
}

export function httpCallOf(call: ApiCall): HttpCall {
  const path = pathOf(call)
  const json = (body: unknown) => (body === undefined ? {} : { contentType: 'application/json', body })
  switch (call.verb) {
    case 'get':
      return { method: 'GET', path: path + queryOf({ resourceVersion: call.resourceVersion }) }
    case 'list':
      return { method: 'GET', path: path + listQuery(call.options) }
    case 'create':
      return { method: 'POST', path: path + writeQuery(call.options), ...json(call.body) }
    case 'update':
      return { method: 'PUT', path: path + writeQuery(call.options), ...json(call.body) }
    case 'patch':
      return {
        method: 'PATCH',
        path: path + writeQuery(call.options),
        contentType: PATCH_TYPES[call.type],
        body: call.body,
      }
    case 'delete':
      return { method: 'DELETE', path, ...json(call.body) }
    case 'deletecollection':
      return { method: 'DELETE', path: path + listQuery(call.options), ...json(call.body) }
  }
}
