/**
 * How much of a priority level a request takes
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#seats-occupied-by-a-request).
 */

import type { RequestInfo } from '../http/request/request-info.ts'
import type { ResourceTable } from '../registry/served-resource.ts'
import type { WatchCaches } from '../watchcache/watch-caches.ts'

export interface WorkEstimate {
  /** Seats until it is answered. */
  readonly initialSeats: number
  /** Seats for as long as its work goes on behind the answer, */
  readonly finalSeats: number
  /** which is so long. */
  readonly additionalMs: number
}

/** What most requests take. */
export const ONE_SEAT: WorkEstimate = { initialSeats: 1, finalSeats: 0, additionalMs: 0 }

/** A list takes a seat for so many bytes, */
const BYTES_PER_SEAT = 100_000
/** but it is sent in pieces, so that never more than this is held at once. */
const MOST_BYTES = 1_000_000
/** Telling so many watchers of one change takes a seat, */
const WATCHES_PER_SEAT = 10
/** for so long. */
const TELLING_MS = 5
const MOST_WRITE_SEATS = 10
const MOST_LIST_SEATS = 100

/** How much there is of a resource. */
export interface ResourceStats {
  readonly objects: number
  readonly bytes: number
}

/** What there is of the resource that a request names; undefined: it is not one that is stored. */
export function statsIn(resources: ResourceTable, caches: WatchCaches, info: RequestInfo): ResourceStats | undefined {
  const resource = info.isResource ? resources.find(info.group, info.version, info.resource) : undefined
  if (resource?.stored !== true) return undefined
  const { size: objects, weight: bytes } = caches.of(resource)
  return { objects, bytes }
}

export interface EstimateFacts {
  /** One request of this level takes no more. */
  readonly mostSeats: number
  /** Absent: nobody knows such a resource. */
  readonly statsOf: (info: RequestInfo) => ResourceStats | undefined
  /** How many watchers are told when the request changes something. */
  readonly watchersOf: (info: RequestInfo) => number
}

export function estimateWork(info: RequestInfo, query: URLSearchParams, facts: EstimateFacts): WorkEstimate {
  switch (info.verb) {
    case 'list':
      return estimateList(info, query, facts)
    case 'watch':
      return beginsWithAll(query) ? estimateList(info, query, facts) : ONE_SEAT
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return estimateWrite(info, facts)
    default:
      return ONE_SEAT
  }
}

function beginsWithAll(query: URLSearchParams): boolean {
  const version = query.get('resourceVersion') ?? ''
  return query.get('sendInitialEvents') === 'true' || version === '' || version === '0'
}

/** A selector that names one object. */
const OF_ONE = /(?:^|,)metadata\.name==?[^,]/

function estimateList(info: RequestInfo, query: URLSearchParams, { mostSeats, statsOf }: EstimateFacts): WorkEstimate {
  const stats = statsOf(info)
  if (stats === undefined || stats.objects === 0) return ONE_SEAT
  const { objects, bytes } = stats
  const limit = Number(query.get('limit') ?? 0)
  const isOne = (info.isResource && info.name !== '') || OF_ONE.test(query.get('fieldSelector') ?? '')
  const listed = isOne ? 1 : limit > 0 ? Math.min(limit, objects) : objects
  const held = Math.min(listed * (bytes / objects), MOST_BYTES)
  const initialSeats = Math.max(1, Math.min(Math.ceil(held / BYTES_PER_SEAT), mostSeats, MOST_LIST_SEATS))
  return initialSeats === 1 ? ONE_SEAT : { ...ONE_SEAT, initialSeats }
}

function estimateWrite(info: RequestInfo, { mostSeats, watchersOf }: EstimateFacts): WorkEstimate {
  // A token is no change that anybody is told of.
  if (info.isResource && info.resource === 'serviceaccounts' && info.subresource === 'token') return ONE_SEAT
  const watchers = watchersOf(info)
  if (watchers < WATCHES_PER_SEAT) return ONE_SEAT
  const wanted = Math.ceil(watchers / WATCHES_PER_SEAT)
  const finalSeats = Math.min(wanted, mostSeats, MOST_WRITE_SEATS)
  // The same work on fewer seats takes longer.
  return { initialSeats: 1, finalSeats, additionalMs: (wanted * TELLING_MS) / finalSeats }
}
