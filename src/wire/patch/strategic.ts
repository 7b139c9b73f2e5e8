/**
 * Strategic merge patch: a merge patch that knows the type of the object, so that lists are merged by a key of
 * their items (https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/).
 */
import { WIDE, wideCopy } from '../json/copy.ts'
import type { SchemaLookup } from '../schema.ts'
import { DELETE_FROM_LIST, isDirective, PATCH, plain, retainedKeys, SET_ORDER, demandListName } from './directives.ts'
import { badPatch, cannotRead, printed, unclassified } from './errors.ts'
import { elementType, mergeList, orderedList } from './lists.ts'
import { fieldMeta, type FieldMeta, type Place } from './meta.ts'
import { guardDepth, isObject, own, put, sameJson, type Draft, type JsonObject } from './value.ts'

/**
 * The object that `patch` makes of `current`, an object of the type `schemaKey`. Shares what the patch does not
 * touch, and is `current` itself when the patch changes nothing. Throws a PatchError; also for a type without a
 * schema, for which there is no strategy.
 */
export function applyStrategicPatch(
  current: unknown,
  patch: unknown,
  schemaKey?: string,
  lookup?: SchemaLookup,
): unknown {
  if (!isObject(patch)) {
    if (patch === null) return current
    throw badPatch(cannotRead(patch, 'map[string]interface {}'))
  }
  const schema = schemaKey === undefined ? undefined : lookup?.(schemaKey)
  if (schema === undefined || lookup === undefined) throw badPatch('strategic merge patch format is not supported')
  return mergeObject(isObject(current) ? current : {}, patch, { kind: 'struct', schema, lookup }, 0)
}

/** Merges one object of the patch into one of the object. Used by lists for their items. */
export function mergeObject(before: JsonObject, patch: JsonObject, place: Place, depth: number): JsonObject {
  guardDepth(depth)
  if (Object.hasOwn(patch, PATCH)) return directed(patch)
  const keys = Object.keys(patch)
  let draft = withoutUnretained(before, patch)
  const set = (key: string, value: unknown) => {
    const had = own(draft ?? before, key)
    if (value === had) return
    draft ??= keys.length >= WIDE ? wideCopy(before) : { ...before }
    if (value === undefined) delete draft[key]
    else put(draft, key, value)
  }
  const handled = new Set<string>()
  for (const key of keys) {
    if (!key.startsWith(SET_ORDER)) continue
    const field = key.slice(SET_ORDER.length)
    handled.add(field)
    handled.add(DELETE_FROM_LIST + field)
    set(field, inGivenOrder(own(draft ?? before, field), patch, field, { place, depth }))
  }
  for (const key of keys) {
    if (handled.has(key) || (isDirective(key) && !key.startsWith(DELETE_FROM_LIST))) continue
    if (key.startsWith(DELETE_FROM_LIST)) {
      const field = key.slice(DELETE_FROM_LIST.length)
      set(field, withoutItems(own(draft ?? before, field), patch[key]))
    } else {
      demandListName(key)
      set(key, mergedField(own(draft ?? before, key), patch[key], key, { place, depth }))
    }
  }
  return draft ?? before
}

/** Where a field is being merged. */
interface Site {
  readonly place: Place
  readonly depth: number
}

function directed(patch: JsonObject): JsonObject {
  switch (patch[PATCH]) {
    case 'delete':
      return {}
    case 'replace': {
      const { [PATCH]: _, ...rest } = patch
      return rest
    }
    default:
      throw unclassified(`unknown patch type: ${printed(patch[PATCH])} in map: ${printed(patch)}`)
  }
}

function withoutUnretained(before: JsonObject, patch: JsonObject): Draft | undefined {
  const retained = retainedKeys(patch)
  if (retained === undefined) return undefined
  const kept = Object.keys(before).filter((key) => retained.has(key))
  if (kept.length === Object.keys(before).length) return undefined
  return Object.fromEntries(kept.map((key) => [key, before[key]]))
}

function mergedField(before: unknown, wish: unknown, name: string, { place, depth }: Site): unknown {
  if (wish === null) return undefined
  if (isObject(wish) && isObject(before)) {
    const meta = fieldMeta(place, name)
    return meta.strategy === 'replace' ? wish : mergeObject(before, wish, meta.place, depth + 1)
  }
  if (Array.isArray(wish) && Array.isArray(before)) {
    const meta = fieldMeta(place, name)
    if (meta.strategy === 'merge') return mergeList(before, wish, listSite(meta, place, depth))
    return sameJson(before, wish, depth) ? before : wish
  }
  return before === wish ? before : plain(wish, depth + 1)
}

function listSite(meta: FieldMeta, place: Place, depth: number) {
  return { meta, owner: place.kind === 'struct' ? place.schema.key : place.kind, depth: depth + 1, mergeObject }
}

function withoutItems(before: unknown, items: unknown): unknown {
  if (!Array.isArray(items)) throw badPatch('invalid patch format of primitive list')
  if (!Array.isArray(before)) return before
  elementType(before, items)
  const gone = new Set<unknown>(items)
  const left = before.filter((item) => !gone.has(item))
  return left.length === before.length ? before : left
}

/** The list `field` after the patch, in the order that `$setElementOrder/field` gives. */
function inGivenOrder(before: unknown, patch: JsonObject, field: string, site: Site): unknown {
  const order = patch[SET_ORDER + field]
  if (!Array.isArray(order)) throw badPatch('invalid patch format of setElementOrder list')
  const meta = fieldMeta(site.place, field)
  const wish = own(patch, field)
  if (wish !== undefined && wish !== null && !Array.isArray(wish)) {
    throw badPatch('invalid patch format of setElementOrder list')
  }
  if (wish === null) return undefined
  const old = Array.isArray(before) ? before : undefined
  const deletion = own(patch, DELETE_FROM_LIST + field)
  const kept = deletion === undefined ? old : withoutItems(old, deletion)
  if (meta.strategy !== 'merge') return wish ?? kept
  return orderedList(
    { before: old, kept: Array.isArray(kept) ? kept : undefined, wish, order },
    listSite(meta, site.place, site.depth),
  )
}
