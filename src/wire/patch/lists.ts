/**
 * Lists in a strategic merge patch: lists of objects merged by their merge key, lists of plain values as sets.
 */
import { isDirective, PATCH, plain } from './directives.ts'
import { doesNotApply, printed, unclassified } from './errors.ts'
import type { FieldMeta, Place } from './meta.ts'
import { ordered, type Identity } from './order.ts'
import { isObject, own, sameJson, type JsonObject } from './value.ts'

/** What a list is merged with. */
export interface ListSite {
  readonly meta: FieldMeta
  /** The type that has the list, for messages. */
  readonly owner: string
  readonly depth: number
  readonly mergeObject: (before: JsonObject, patch: JsonObject, place: Place, depth: number) => JsonObject
}

/** Merges the list `wish` of a patch into the list `before` of the object. */
export function mergeList(before: readonly unknown[], wish: readonly unknown[], site: ListSite): readonly unknown[] {
  if (before.length === 0 && wish.length === 0) return before
  const { items, rest, identity } = mergeItems(before, wish, site)
  return settled(before, ordered(items, rest, before, identity))
}

/** A list and the order it is given: as the object had it, after deletions, and what the patch says. */
export interface OrderedWish {
  readonly before: readonly unknown[] | undefined
  readonly kept: readonly unknown[] | undefined
  readonly wish: readonly unknown[] | undefined
  readonly order: readonly unknown[]
}

/** As `mergeList`, in the order of a `$setElementOrder` directive. */
export function orderedList(
  { before, kept, wish, order }: OrderedWish,
  site: ListSite,
): readonly unknown[] | undefined {
  if (kept === undefined && wish === undefined) return undefined
  const { items, identity } = mergeItems(kept ?? [], wish ?? [], site, order)
  for (const item of order) {
    if (isObject(item) && identity(item) === undefined) throw noMergeKey(item, site.meta.mergeKey)
  }
  checkOrder(wish ?? [], order, identity)
  return settled(before ?? [], ordered(items, order, before ?? [], identity))
}

interface Merged {
  readonly items: readonly unknown[]
  /** The patch's list without its directives. */
  readonly rest: readonly unknown[]
  readonly identity: Identity
}

function mergeItems(
  before: readonly unknown[],
  wish: readonly unknown[],
  site: ListSite,
  ...order: readonly (readonly unknown[])[]
): Merged {
  const { mergeKey } = site.meta
  if (elementType(before, wish, ...order) !== 'object') {
    return { items: [...new Set([...before, ...wish])], rest: wish, identity: (item) => item }
  }
  if (mergeKey === undefined) throw unclassified(`cannot merge lists without merge key for ${site.owner}`)
  const identity: Identity = (item) => (isObject(item) ? own(item, mergeKey) : undefined)
  const special = withSpecialItems(before, wish, mergeKey)
  return { ...mergeByKey(special, site, identity), identity }
}

/** What the items of some lists are; all must be alike, and the first no list. */
export function elementType(...lists: readonly (readonly unknown[])[]): string {
  let type: string | undefined
  for (const item of lists.flat(1)) {
    if (type === undefined && Array.isArray(item)) throw doesNotApply('lists of lists are not supported')
    const own = item === null ? 'null' : Array.isArray(item) ? 'list' : typeof item
    if (type !== undefined && own !== type) {
      throw unclassified(`list element types are not identical: ${printed(lists)}`)
    }
    type = own
  }
  return type ?? 'object'
}

interface Special {
  readonly before: readonly unknown[]
  readonly rest: readonly JsonObject[]
}

/** Carries out the items of the patch that are directives: `$patch: delete` and `$patch: replace`. */
function withSpecialItems(before: readonly unknown[], wish: readonly unknown[], mergeKey: string): Special {
  const rest: JsonObject[] = []
  const gone = new Set<unknown>()
  let replaces = false
  for (const item of wish) {
    if (!isObject(item)) continue
    if (!Object.hasOwn(item, PATCH)) {
      rest.push(item)
      continue
    }
    const directive = item[PATCH]
    if (directive === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
      gone.add(item[mergeKey])
    } else if (directive === 'replace') replaces = true
    else if (directive === 'merge') throw unclassified('merging lists cannot yet be specified in the patch')
    else throw unclassified(`unknown patch type: ${printed(directive)} in map: ${printed(item)}`)
  }
  if (replaces) return { before: [], rest }
  const left = gone.size === 0 ? before : before.filter((item) => !isObject(item) || !gone.has(own(item, mergeKey)))
  return { before: left, rest }
}

function mergeByKey({ before, rest }: Special, site: ListSite, identity: Identity) {
  const items = [...before]
  const at = new Map<unknown, number>()
  for (const [index, item] of items.entries()) {
    const id = identity(item)
    if (id !== undefined && !at.has(id)) at.set(id, index)
  }
  for (const item of rest) {
    const id = identity(item)
    if (id === undefined) throw noMergeKey(item, site.meta.mergeKey)
    const index = at.get(id)
    const old = index === undefined ? undefined : items[index]
    if (index !== undefined && isObject(old)) {
      items[index] = site.mergeObject(old, item, site.meta.place, site.depth + 1)
    } else {
      at.set(id, items.length)
      const fresh = plain(item, site.depth + 1) as JsonObject
      // A key that is null is one by which the item has its place.
      items.push(id === null ? { ...fresh, [site.meta.mergeKey!]: null } : fresh)
    }
  }
  return { items, rest }
}

/** What the patch changes must be named in the order, and in that order, if there is any. */
function checkOrder(wish: readonly unknown[], order: readonly unknown[], identity: Identity): void {
  if (order.length === 0) return
  let next = 0
  for (const item of wish) {
    if (isObject(item) && isDirectiveItem(item)) continue
    const id = identity(item)
    while (next < order.length && !sameJson(identity(order[next]), id)) next++
    if (next === order.length) {
      throw unclassified(
        `The order in patch list:\n${printed(wish)}\n doesn't match $setElementOrder list:\n${printed(order)}\n`,
      )
    }
    next++
  }
}

const isDirectiveItem = (item: JsonObject) => Object.keys(item).some(isDirective) && Object.hasOwn(item, PATCH)

function noMergeKey(item: JsonObject, mergeKey: string | undefined) {
  return unclassified(`map: ${printed(item)} does not contain declared merge key: ${mergeKey ?? ''}`)
}

/** The list as it was when nothing in it changed. */
function settled(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return before.length === after.length && after.every((item, index) => item === before[index]) ? before : after
}
