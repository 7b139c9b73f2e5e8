/** get and list (https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs). */

import type { ListOptions } from '../../client/transport.ts'
import { type ApiError, expired, notFound } from '../../meta/errors.ts'
import type { ListMeta } from '../../meta/types.ts'
import { Compacted, FutureRevision } from '../../storage/storage.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { shownAs } from '../registry/object-views.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { type StoredObject, storedFrom } from '../registry/stored-object.ts'
import { type Selection, selects } from '../watchcache/selection.ts'
import { type ContinueToken, continueExpired, decodeContinue, encodeContinue } from './continue-token.ts'
import { checkContinue, checkListOptions, parseResourceVersion, tooLargeResourceVersion } from './resource-version.ts'
import { selectionOf } from './select.ts'

/** One object; throws `NotFound`. */
export function getObject(core: ApiCore, context: RequestContext, resourceVersion?: string): StoredObject {
  const { resource, namespace, name } = context
  checkNotAhead(core, parseResourceVersion(resourceVersion, 'get'))
  const stored = core.caches.of(resource).get(namespace, name)
  if (stored === undefined) throw missing(context)
  return shownAs(resource, stored)
}

export interface ListAnswer {
  readonly resource: ServedResource
  readonly metadata: ListMeta
  readonly items: readonly StoredObject[]
}

/** Objects in key order, all as they were at one revision. */
export async function listObjects(core: ApiCore, context: RequestContext, options: ListOptions): Promise<ListAnswer> {
  checkListOptions(options)
  checkContinue(options)
  const { resource, namespace, name } = context
  const selection = selectionOf(resource, { ...options, namespace, name })
  const asked = parseResourceVersion(options.resourceVersion, 'list')
  checkNotAhead(core, asked)
  const page = await readPage(core, resource, selection, options, asked)
  const { revision, next, remaining } = page
  return {
    resource,
    metadata: {
      resourceVersion: String(revision),
      ...(next === undefined ? {} : { continue: encodeContinue(next) }),
      ...(remaining === undefined || remaining === 0 ? {} : { remainingItemCount: remaining }),
    },
    items: resource.view === undefined ? page.items : page.items.map((stored) => shownAs(resource, stored)),
  }
}

function checkNotAhead(core: ApiCore, asked: number | undefined): void {
  const { revision } = core.caches
  if (asked !== undefined && asked > revision) throw tooLargeResourceVersion(asked, revision)
}

interface Page {
  readonly items: readonly StoredObject[]
  readonly revision: number
  readonly next?: ContinueToken
  readonly remaining?: number
}

async function readPage(
  core: ApiCore,
  resource: ServedResource,
  selection: Selection,
  options: ListOptions,
  asked: number | undefined,
): Promise<Page> {
  const { revision } = core.caches
  // What may be any old state comes whole.
  const limit = asked === 0 && options.resourceVersionMatch !== 'Exact' ? 0 : (options.limit ?? 0)
  const token = options.continue === undefined || options.continue === '' ? undefined : decodeContinue(options.continue)
  if (token?.revision !== undefined && token.revision !== revision) {
    const objects = await objectsAt(core, resource, selection, token.revision, token)
    return pageOf(objects, token.revision, { limit, resource, selection, start: token.start })
  }
  // Pages were of exactly that revision before one could say so.
  const isExact = options.resourceVersionMatch === 'Exact' || (limit > 0 && options.resourceVersionMatch === undefined)
  if (isExact && token === undefined && asked !== undefined && asked > 0 && asked !== revision) {
    const objects = await objectsAt(core, resource, selection, asked)
    return pageOf(objects, asked, { limit, resource, selection })
  }
  const objects = core.caches.of(resource).list(selection)
  return pageOf(objects, revision, {
    limit,
    resource,
    selection,
    ...(token === undefined ? {} : { start: token.start }),
  })
}

interface Paging {
  readonly limit: number
  readonly resource: ServedResource
  readonly selection: Selection
  readonly start?: string
}

function pageOf(objects: readonly StoredObject[], revision: number, paging: Paging): Page {
  const { limit, resource, selection, start } = paging
  const pathOf = pathIn(resource, selection)
  const left = start === undefined ? objects : objects.slice(firstFrom(objects, pathOf, start))
  if (limit <= 0 || left.length <= limit) return { items: left, revision }
  const items = left.slice(0, limit)
  // Kubernetes continues right after the last key that was given out.
  const next = { revision, start: `${pathOf(items.at(-1)!)}\0` }
  return { items, revision, next, ...(selection.matches === undefined ? { remaining: left.length - limit } : {}) }
}

/** The place of the first object whose path is `start` or after it. */
function firstFrom(objects: readonly StoredObject[], pathOf: (stored: StoredObject) => string, start: string): number {
  let low = 0
  let high = objects.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (pathOf(objects[middle]!) < start) low = middle + 1
    else high = middle
  }
  return low
}

/** Where objects stand below the place that is listed. */
const pathIn =
  ({ namespaced }: ServedResource, selection: Selection) =>
  ({ namespace, name }: StoredObject) =>
    namespaced && selection.namespace === undefined ? `${namespace}/${name}` : name

/** What was selected at a revision that has passed. */
async function objectsAt(
  core: ApiCore,
  resource: ServedResource,
  selection: Selection,
  revision: number,
  token?: ContinueToken,
): Promise<readonly StoredObject[]> {
  const cache = core.caches.of(resource)
  const prefix = selection.namespace === undefined ? resource.prefix : `${resource.prefix}${selection.namespace}/`
  try {
    const { entries } = await core.storage.range({ prefix, revision })
    return entries
      .map(({ key, value, modRevision }) => {
        const [namespace, name] = splitPath(resource, key)
        const present = cache.get(namespace, name)
        return present?.revision === modRevision ? present : storedFrom(value, modRevision)
      })
      .filter((stored) => selects(selection, stored))
  } catch (error) {
    if (error instanceof FutureRevision) throw tooLargeResourceVersion(revision, error.current)
    if (!(error instanceof Compacted)) throw error
    if (token !== undefined) throw continueExpired(token)
    throw expired(`The resourceVersion for the provided list is too old.`)
  }
}

function splitPath({ prefix, namespaced }: ServedResource, key: string): [namespace: string, name: string] {
  const path = key.slice(prefix.length)
  const slash = namespaced ? path.indexOf('/') : -1
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}

/** 404 for the object a request names. */
export function missing({ resource: { group, resource }, name }: Pick<RequestContext, 'resource' | 'name'>): ApiError {
  return notFound({ group, resource, name })
}
