/** Merges an applied configuration into an object by type, and takes fields out of an object. */
import { isObject, itemName, namesInStep, type ObjectValue } from './elements.ts'
import { isEmpty, makeSet, type FieldSet } from './field-set.ts'
import { openType, type FieldType, type ListType } from './field-type.ts'
import { WIDE, wideCopy } from '../../wire/json/copy.ts'
import { type Draft, put, sameJson } from '../../wire/patch/value.ts'

const MAX_DEPTH = 500
const openMap: FieldType & { kind: 'map' } = { kind: 'map', atomic: false, of: openType }

/** `live` with what `applied` says. The same value where nothing changes; never changes its inputs. */
export function merge(live: unknown, applied: unknown, type: FieldType, depth = 0): unknown {
  if (applied === undefined || live === applied) return live
  if (live === undefined) return applied
  if (depth > MAX_DEPTH) return applied
  switch (type.kind) {
    case 'scalar':
      return same(live, applied, depth)
    case 'open':
      return isObject(live) && isObject(applied) ? merge(live, applied, openMap, depth) : same(live, applied, depth)
    case 'map':
    case 'struct':
      if (type.atomic || !isObject(live)) return same(live, applied, depth)
      // Of what is inside nothing is said.
      if (applied === null && Object.keys(live).length > 0) return live
      if (!isObject(applied)) return same(live, applied, depth)
      return mergeFields(live, applied, type, depth)
    case 'list':
      if (type.relation === 'atomic' || !Array.isArray(live)) return same(live, applied, depth)
      if (applied === null && live.length > 0) return live
      if (!Array.isArray(applied)) return same(live, applied, depth)
      return mergeItems(live, applied, type, depth)
  }
}

const same = (live: unknown, applied: unknown, depth: number) => (sameJson(live, applied, depth) ? live : applied)

function mergeFields(
  live: ObjectValue,
  applied: ObjectValue,
  type: FieldType & { kind: 'map' | 'struct' },
  depth: number,
): ObjectValue {
  const names = Object.keys(applied)
  let draft: Draft | undefined
  for (const name of names) {
    const member = memberType(type, name)
    const before = Object.hasOwn(live, name) ? live[name] : undefined
    const after = merge(before, applied[name], member, depth + 1)
    if (after === before) continue
    draft ??= names.length >= WIDE ? wideCopy(live) : { ...live }
    put(draft, name, after)
  }
  return draft ?? live
}

const memberType = (type: FieldType & { kind: 'map' | 'struct' }, name: string): FieldType =>
  type.kind === 'map' ? type.of : (type.field(name) ?? openType)

/**
 * Items of both lists are merged and stand in the order of the applied list; items only the object has keep their
 * place among them.
 */
function mergeItems(live: readonly unknown[], applied: readonly unknown[], type: ListType, depth: number) {
  if (namesInStep(live, applied, type) !== undefined) {
    let changed = false
    const merged = live.map((before, at) => {
      const after = merge(before, applied[at], type.of, depth + 1)
      changed ||= after !== before
      return after
    })
    return changed ? merged : live
  }
  const wanted = named(applied, type)
  const there = named(live, type)
  const firstOf = new Map<string, unknown>()
  for (const [element, item] of there) {
    if (element !== undefined && !firstOf.has(element)) firstOf.set(element, item)
  }
  const wantedNames = new Set(wanted.map(([element]) => element))
  const shared = wanted.flatMap(([element]) => (element !== undefined && firstOf.has(element) ? [element] : []))
  const merged: unknown[] = []
  let at = 0
  let next = 0
  /** Puts in what only the object has, up to the item that must come next of those that both have. */
  const passLiveItems = (until: string | undefined) => {
    for (; at < there.length; at++) {
      const [element, item] = there[at] ?? []
      if (element === undefined || !wantedNames.has(element)) merged.push(item)
      else if (element === until) break
    }
  }
  for (const [element, item] of wanted) {
    passLiveItems(shared[next])
    const before = element === undefined ? undefined : firstOf.get(element)
    merged.push(merge(before, item, type.of, depth + 1))
    if (element !== shared[next]) continue
    next++
    if (there[at]?.[0] === element) at++
  }
  passLiveItems(undefined)
  return merged.length === live.length && merged.every((item, index) => item === live[index]) ? live : merged
}

const named = (list: readonly unknown[], type: ListType): [string | undefined, unknown][] =>
  list.map((item) => [itemName(item, type).element, item])

/** `value` without the places in `gone`, and all that is in them. What is emptied by that is gone itself, or null. */
export function remove(value: unknown, gone: FieldSet, type: FieldType, emptied?: null): unknown {
  if (isEmpty(gone)) return value
  switch (type.kind) {
    case 'scalar':
      return value
    case 'open':
      return isObject(value) ? remove(value, gone, openMap, emptied) : value
    case 'map':
    case 'struct':
      return type.atomic || !isObject(value) ? value : removeFields(value, gone, type, emptied)
    case 'list':
      return type.relation === 'atomic' || !Array.isArray(value) ? value : removeItems(value, gone, type, emptied)
  }
}

function removeFields(
  value: ObjectValue,
  gone: FieldSet,
  type: FieldType & { kind: 'map' | 'struct' },
  emptied: null | undefined,
): unknown {
  const left = gone.children.size >= WIDE ? wideCopy(value) : { ...value }
  let changed = false
  for (const [element, inner] of gone.children) {
    const name = element.slice(2)
    if (!element.startsWith('f:') || !Object.hasOwn(value, name)) continue
    const before = value[name]
    const after = inner.owned ? undefined : remove(before, inner, memberType(type, name), emptied)
    if (after === before) continue
    changed = true
    if (after === undefined) delete left[name]
    else Object.defineProperty(left, name, { value: after, writable: true, enumerable: true, configurable: true })
  }
  if (!changed) return value
  return Object.keys(left).length === 0 ? emptied : left
}

function removeItems(list: readonly unknown[], gone: FieldSet, type: ListType, emptied: null | undefined): unknown {
  const left: unknown[] = []
  let changed = false
  for (const item of list) {
    const { element } = itemName(item, type)
    const inner = element === undefined ? undefined : gone.children.get(element)
    const after = inner === undefined ? item : inner.owned ? undefined : remove(item, inner, type.of, emptied)
    if (after !== undefined) left.push(after)
    changed ||= after !== item
  }
  if (!changed) return list
  return left.length === 0 ? emptied : left
}

/**
 * The set with every declared field on the way to a member as a member itself: who owns `spec.replicas` owns `spec`
 * for the sake of removal.
 */
export function withNamedFields(set: FieldSet, type: FieldType): FieldSet {
  if (set.children.size === 0) return set
  const children = new Map<string, FieldSet>()
  for (const [element, inner] of set.children) {
    const member = insideOf(type, element)
    const named = withNamedFields(inner, member.type)
    children.set(element, member.declared && !named.owned ? makeSet(true, named.children) : named)
  }
  return makeSet(set.owned, children)
}

function insideOf(type: FieldType, element: string): { type: FieldType; declared: boolean } {
  if (type.kind === 'list') return { type: type.of, declared: false }
  if (type.kind === 'map') return { type: type.of, declared: false }
  if (type.kind !== 'struct' || !element.startsWith('f:')) return { type: openType, declared: false }
  const field = type.field(element.slice(2))
  return { type: field ?? openType, declared: field !== undefined }
}
