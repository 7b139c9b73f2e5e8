/**
 * The directives of a strategic merge patch: keys that say how to merge, and that never become part of an object
 * (https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
 */
import { badPatch } from './errors.ts'
import { guardDepth, isObject, put, type Draft, type JsonObject } from './value.ts'

export const PATCH = '$patch'
const RETAIN_KEYS = '$retainKeys'
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList/'
export const SET_ORDER = '$setElementOrder/'

/** Whether a key of a patch is an instruction, not a field. */
export const isDirective = (key: string) =>
  key.startsWith('$') &&
  (key === PATCH || key === RETAIN_KEYS || key.startsWith(DELETE_FROM_LIST) || key.startsWith(SET_ORDER))

/** Throws where a directive about a list does not say which list. */
export function demandListName(key: string): void {
  if (key.startsWith(SET_ORDER.slice(0, -1))) throw badPatch('invalid patch format of setElementOrder list')
  if (key.startsWith(DELETE_FROM_LIST.slice(0, -1))) throw badPatch('invalid patch format of primitive list')
}

const WRONG_RETAIN_KEYS = 'invalid patch format of retainKeys'

/** The keys that `$retainKeys` of this patch leaves in the object; undefined when it has none. */
export function retainedKeys(patch: JsonObject): ReadonlySet<unknown> | undefined {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return undefined
  const list = patch[RETAIN_KEYS]
  if (!Array.isArray(list)) throw badPatch(WRONG_RETAIN_KEYS)
  const keys = new Set<unknown>(list)
  for (const key of Object.keys(patch)) {
    if (isDirective(key) || patch[key] === null || keys.has(key)) continue
    throw badPatch(WRONG_RETAIN_KEYS)
  }
  return keys
}

/**
 * A patch's value as it stands in an object that had nothing there: without nulls in objects and without
 * directives; an object with a `$patch` of any sort is gone. `undefined`: nothing is left of it.
 */
export function plain(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return plainList(value, depth)
  return isObject(value) ? plainObject(value, depth) : value
}

function plainList(list: readonly unknown[], depth: number): readonly unknown[] {
  guardDepth(depth)
  let draft: unknown[] | undefined
  for (const [index, item] of list.entries()) {
    const after = plain(item, depth + 1)
    if (after === item && draft === undefined) continue
    draft ??= list.slice(0, index)
    if (after !== undefined) draft.push(after)
  }
  return draft ?? list
}

function plainObject(object: JsonObject, depth: number): JsonObject | undefined {
  guardDepth(depth)
  if (Object.hasOwn(object, PATCH)) return undefined
  let draft: Draft | undefined
  for (const key of Object.keys(object)) {
    const value = object[key]
    // Which keys would be retained where nothing was is no directive there, and told of as a field that nobody knows.
    const isGone = value === null || (isDirective(key) && key !== RETAIN_KEYS)
    const after = isGone ? undefined : plain(value, depth + 1)
    if (after === value) continue
    draft ??= { ...object }
    if (after === undefined) delete draft[key]
    else put(draft, key, after)
  }
  return draft ?? object
}
