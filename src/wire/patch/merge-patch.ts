/**
 * JSON merge patch (https://www.rfc-editor.org/rfc/rfc7386): an object is merged key by key, `null` removes,
 * everything else, lists too, replaces.
 */
import { WIDE, wideCopy } from '../json/copy.ts'
import { badPatch, wrongBody } from './errors.ts'
import { guardDepth, isObject, own, put, sameJson, type Draft, type JsonObject } from './value.ts'

/**
 * The object that `patch` makes of `current`. Shares what the patch does not touch, and is `current` itself when
 * the patch changes nothing. Throws a PatchError.
 */
export function applyMergePatch(current: unknown, patch: unknown): unknown {
  if (patch === null) throw badPatch('Invalid JSON Patch')
  if (!isObject(patch)) throw wrongBody(patch, 'map[string]interface {}')
  return mergeInto(isObject(current) ? current : {}, patch, 0)
}

function mergeInto(target: JsonObject, patch: JsonObject, depth: number): JsonObject {
  guardDepth(depth)
  let draft: Draft | undefined
  const keys = Object.keys(patch)
  for (const key of keys) {
    const wish = patch[key]
    if (wish === null) {
      if (!Object.hasOwn(target, key)) continue
      draft ??= copyFor(target, keys)
      delete draft[key]
      continue
    }
    const before = own(target, key)
    const after = merged(before, wish, depth + 1)
    if (after === before) continue
    draft ??= copyFor(target, keys)
    put(draft, key, after)
  }
  return draft ?? target
}

/** A copy that gets these keys. */
const copyFor = (target: JsonObject, keys: readonly string[]): Draft =>
  keys.length >= WIDE ? wideCopy(target) : { ...target }

function merged(before: unknown, wish: unknown, depth: number): unknown {
  if (isObject(wish)) return mergeInto(isObject(before) ? before : {}, wish, depth)
  const value = Array.isArray(wish) ? inList(wish, depth) : wish
  return sameJson(before, value, depth) ? before : value
}

/** A list as it stands in the object: its nulls stay, those of the objects in it are gone, as Kubernetes has it. */
function inList(list: readonly unknown[], depth: number): readonly unknown[] {
  guardDepth(depth)
  const items = list.map((item) => {
    if (Array.isArray(item)) return inList(item, depth + 1)
    return isObject(item) ? mergeInto({}, item, depth + 1) : item
  })
  return items
}
