/**
 * What the path and method of a request are about
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris).
 */

import { badRequest } from '../../../meta/errors.ts'
import { notFoundPath } from '../../verbs/attributes.ts'
import { readQuery } from './query-bytes.ts'

export interface RequestPath {
  readonly path: string
  readonly query: URLSearchParams
}

export interface ResourceRequest {
  readonly isResource: true
  readonly path: string
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  /** Empty: none. A namespace itself is in its own namespace here. */
  readonly namespace: string
  /** The path has a place for a namespace, with nothing in it. */
  readonly hasEmptyNamespace?: boolean
  readonly name: string
  /** The path itself says that it is a watch, as of old: `/api/v1/watch/…`. */
  readonly isWatchPath?: boolean
  /** What follows the subresource, as it was sent: the path of a proxied request. */
  readonly tail: string
  /** How many segments follow the subresource. */
  readonly depth: number
}

export interface PathRequest {
  readonly isResource: false
  readonly path: string
  readonly verb: string
}

export type RequestInfo = ResourceRequest | PathRequest

const MAX_URL = 64 * 1024
/** What belongs to a namespace itself and not to something in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize'])

const STREAMS: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Verbs that a field selector limits. */
export const SELECTING: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

/** Whether the answer goes on for as long as its reader likes: such a request has no deadline and is not counted. */
export function isLongRunning(info: RequestInfo): boolean {
  if (!info.isResource) return info.path.startsWith(PROFILES)
  return info.verb === 'watch' || STREAMS.has(info.subresource)
}

/** A profile takes as long as it is asked to. */
const PROFILES = '/debug/pprof/'

/** Splits a request's URL. Throws `BadRequest` for one that no client of good will sends. */
export function parseUrl(url: string): RequestPath {
  if (url.length > MAX_URL) throw badRequest('the URL is too long')
  const mark = url.indexOf('?')
  const path = withoutHost(mark < 0 ? url : url.slice(0, mark))
  if (!path.startsWith('/')) throw badRequest('the path must begin with a slash')
  return { path, query: readQuery(mark < 0 ? '' : soundPairs(url.slice(mark + 1))) }
}

/** The path of a URL that is whole, as proxies are asked for it. */
const withoutHost = (path: string): string => (path.startsWith('/') ? path : path.replace(/^https?:\/\/[^/]*/i, ''))

const UNSOUND = /%(?![0-9A-Fa-f]{2})|;/

/** A query without the pairs that Go does not read: those with broken escapes or semicolons. */
const soundPairs = (query: string): string =>
  UNSOUND.test(query)
    ? query
        .split('&')
        .filter((pair) => !UNSOUND.test(pair))
        .join('&')
    : query

/** Reads what a request is about. Throws `BadRequest` for paths with tricks in them. */
export function requestInfo(method: string, { path, query }: RequestPath): RequestInfo {
  const verb = method.toLowerCase()
  const segments = path.split('/').slice(1)
  if (segments.at(-1) === '' && segments.length > 1 && !segments.includes('proxy')) segments.pop()
  const isCore = segments[0] === 'api'
  if ((!isCore && segments[0] !== 'apis') || segments.length < (isCore ? 3 : 4)) {
    for (const segment of segments) decodeSegment(segment)
    return { isResource: false, path, verb }
  }
  const group = isCore ? '' : decodeSegment(segments[1]!)
  const version = decodeSegment(segments[isCore ? 1 : 2]!)
  let rest = segments.slice(isCore ? 2 : 3)
  let isWatchPath = false
  if (rest[0] === 'watch' && rest.length > 1) {
    isWatchPath = true
    rest = rest.slice(1)
  }
  const located = locate(rest)
  const [resourceText = '', nameText = '', subText = '', ...tail] = located.rest
  const resource = decodeSegment(resourceText)
  const name = nameText === '' ? '' : decodeSegment(nameText)
  const subresource = subText === '' ? '' : decodeSegment(subText)
  return {
    isResource: true,
    path,
    verb: verbOf(method, name, isWatchPath, query),
    group,
    version,
    resource,
    subresource,
    namespace: located.namespace,
    ...(located.isEmpty === true ? { hasEmptyNamespace: true } : {}),
    name,
    ...(isWatchPath ? { isWatchPath } : {}),
    tail: tail.length === 0 ? '' : `/${tail.join('/')}`,
    depth: tail.length,
  }
}

interface Located {
  readonly namespace: string
  readonly isEmpty?: boolean
  readonly rest: readonly string[]
}

/** Takes `namespaces/<ns>` off the front, unless it is the namespace itself that is meant. */
function locate(rest: readonly string[]): Located {
  if (rest[0] !== 'namespaces' || rest.length < 2) return { namespace: '', rest }
  const namespace = decodeSegment(rest[1]!)
  if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) {
    return { namespace, isEmpty: namespace === '', rest: rest.slice(2) }
  }
  return { namespace, rest }
}

function verbOf(method: string, name: string, isWatchPath: boolean, query: URLSearchParams): string {
  if (isWatchPath) return 'watch'
  switch (method) {
    case 'GET':
    case 'HEAD': {
      const watch = query.get('watch')
      // What has a name is read, whatever else is asked; a watch of one object names it in its field selector.
      if (name !== '') return 'get'
      return watch !== null && watch !== 'false' && watch !== '0' ? 'watch' : 'list'
    }
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      // Of other methods Kubernetes has no verb: only who may do everything may do them.
      return ''
  }
}

/** One segment of a path, decoded. What would be another path once decoded is refused. */
function decodeSegment(segment: string): string {
  let text = segment
  if (segment.includes('%')) {
    try {
      text = decodeURIComponent(segment)
    } catch (cause) {
      throw badRequest(`the path has an invalid escape: ${JSON.stringify(segment)}`, cause)
    }
  }
  if (text.includes('/')) throw notFoundPath()
  if (text === '.' || text === '..') throw badRequest(`Name parameter invalid: "${text}": may not be '${text}'`)
  if (text.includes('\0')) throw badRequest(`the path has an invalid segment: ${JSON.stringify(segment)}`)
  return text
}
