/** Compares two objects by their type: which fields a write changes and which it removes. */
import { sameJson } from '../../wire/patch/value.ts'
import { fieldElement, isObject, itemName, MANY, namesInStep, rareElement, type ObjectValue } from './elements.ts'
import { emptySet, isEmpty, leafSet, makeSet, union, type FieldSet } from './field-set.ts'
import { openType, type FieldType, type ListType } from './field-type.ts'

export interface Comparison {
  /** Fields that are new or have another value. */
  readonly changed: FieldSet
  readonly removed: FieldSet
}

const MAX_DEPTH = 500
const none: Comparison = { changed: emptySet, removed: emptySet }
const leafChanged: Comparison = { changed: leafSet, removed: emptySet }
const leafRemoved: Comparison = { changed: emptySet, removed: leafSet }

/** What differs from `before` to `after`; `undefined` stands for what is not there. */
export function compare(before: unknown, after: unknown, type: FieldType, depth = 0): Comparison {
  if (before === after) return none
  if (before === undefined) return { changed: added(after, type, depth), removed: emptySet }
  if (depth > MAX_DEPTH) return leaf(before, after, depth)
  switch (type.kind) {
    case 'scalar':
      return leaf(before, after, depth)
    case 'open':
      return compareOpen(before, after, depth)
    case 'map':
    case 'struct':
      if (type.atomic) return leaf(before, after, depth)
      if (isObject(before) && isObject(after)) return compareFields(before, after, type, depth)
      if (isBare(before) && isBare(after)) return leaf(before, after, depth)
      return around(before, after, compareFields(asObject(before), asObject(after), type, depth))
    case 'list':
      if (type.relation === 'atomic' || (isBare(before) && isBare(after))) return leaf(before, after, depth)
      // Most lists are as they were: that is seen faster than every item is named.
      if (isBare(before) && Array.isArray(after)) return inside(addedItems(asList(after), type, depth))
      if (before !== undefined && after !== undefined && sameJson(before, after, depth)) return none
      return around(before, after, compareItems(asList(before), asList(after), type, depth))
  }
}

/** What is new where there was nothing: what most of a create is. */
function added(after: unknown, type: FieldType, depth: number): FieldSet {
  if (depth > MAX_DEPTH) return leafSet
  switch (type.kind) {
    case 'scalar':
      return leafSet
    case 'open':
      return isObject(after) ? addedFields(after, openMap, depth) : leafSet
    case 'map':
    case 'struct':
      return type.atomic || typeof after !== 'object' ? leafSet : addedFields(asObject(after), type, depth)
    case 'list':
      return type.relation === 'atomic' || isBare(after) ? leafSet : addedItems(asList(after), type, depth)
  }
}

function addedFields(after: ObjectValue, type: FieldType & { kind: 'map' | 'struct' }, depth: number): FieldSet {
  const children = new Map<string, FieldSet>()
  const names = Object.keys(after)
  const elementOf = names.length > MANY ? rareElement : fieldElement
  for (const name of names) {
    const value = after[name]
    if (value === undefined) continue
    const member = memberType(type, name)
    children.set(elementOf(name), member.kind === 'scalar' ? leafSet : added(value, member, depth + 1))
  }
  return makeSet(true, children)
}

function addedItems(after: readonly unknown[], type: ListType, depth: number): FieldSet {
  const children = new Map<string, FieldSet>()
  for (const item of after) {
    const { element } = itemName(item, type)
    // Duplicates are owned as a whole.
    if (element !== undefined) {
      children.set(element, children.has(element) ? leafSet : added(item, type.of, depth + 1))
    }
  }
  return makeSet(true, children)
}

function leaf(before: unknown, after: unknown, depth: number): Comparison {
  if (before === undefined) return leafChanged
  if (after === undefined) return leafRemoved
  return sameJson(before, after, depth) ? none : leafChanged
}

/** All that is in a place is new: the place itself was there, and empty. */
const inside = ({ children }: FieldSet): Comparison => ({ changed: makeSet(false, children), removed: emptySet })

/** Adds the place itself when it came or went with what is in it. */
function around(before: unknown, after: unknown, inner: Comparison): Comparison {
  if (before === undefined) return { changed: makeSet(true, inner.changed.children), removed: inner.removed }
  if (after === undefined) return { changed: inner.changed, removed: makeSet(true, inner.removed.children) }
  return inner
}

function compareOpen(before: unknown, after: unknown, depth: number): Comparison {
  if ((before === undefined || isObject(before)) && (after === undefined || isObject(after))) {
    return compare(before, after, openMap, depth)
  }
  const { removed } = isObject(before) ? compareFields(asObject(before), {}, openMap, depth) : none
  const { changed } = isObject(after) ? compareFields({}, asObject(after), openMap, depth) : none
  const self = leaf(before, after, depth)
  return { changed: union(changed, self.changed), removed: union(removed, self.removed) }
}

const openMap: FieldType & { kind: 'map' } = { kind: 'map', atomic: false, of: openType }

/** Nothing, null, or an empty object or list: told apart from each other as a whole. */
function isBare(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object') return false
  for (const key in value) if (Object.hasOwn(value, key)) return false
  return true
}

const noFields: ObjectValue = {}
const asObject = (value: unknown): ObjectValue => (isObject(value) ? value : noFields)
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Gathers what differs below a place. */
class Gathered {
  changed: Map<string, FieldSet> | undefined
  removed: Map<string, FieldSet> | undefined

  add(element: string, { changed, removed }: Comparison): void {
    if (!isEmpty(changed)) (this.changed ??= new Map()).set(element, changed)
    if (!isEmpty(removed)) (this.removed ??= new Map()).set(element, removed)
  }

  result(): Comparison {
    if (this.changed === undefined && this.removed === undefined) return none
    return { changed: makeSet(false, this.changed), removed: makeSet(false, this.removed) }
  }
}

function compareFields(
  before: ObjectValue,
  after: ObjectValue,
  type: FieldType & { kind: 'map' | 'struct' },
  depth: number,
): Comparison {
  const gathered = new Gathered()
  const names = Object.keys(after)
  const olds = Object.keys(before)
  if (olds.length === 0) return names.length === 0 ? none : inside(addedFields(after, type, depth))
  let shared = 0
  const elementOf = names.length > MANY ? rareElement : fieldElement
  for (const name of names) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined
    const value = after[name]
    if (old !== undefined) shared++
    if (old !== value) gathered.add(elementOf(name), compare(old, value, memberType(type, name), depth + 1))
  }
  // To look for each of very many names takes long, and mostly none is gone.
  if (shared === olds.length) return gathered.result()
  for (const name of olds) {
    if (Object.hasOwn(after, name)) continue
    gathered.add(elementOf(name), compare(before[name], undefined, memberType(type, name), depth + 1))
  }
  return gathered.result()
}

const memberType = (type: FieldType & { kind: 'map' | 'struct' }, name: string): FieldType =>
  type.kind === 'map' ? type.of : (type.field(name) ?? openType)

function compareItems(before: readonly unknown[], after: readonly unknown[], type: ListType, depth: number) {
  const gathered = new Gathered()
  const inStep = namesInStep(before, after, type)
  if (inStep !== undefined) {
    let at = 0
    for (const element of inStep) {
      gathered.add(element, compare(before[at], after[at], type.of, depth + 1))
      at++
    }
    return gathered.result()
  }
  const old = itemsByName(before, type)
  const fresh = itemsByName(after, type)
  for (const [element, value] of fresh) {
    const was = old.get(element)
    if (value instanceof Same || was instanceof Same) {
      gathered.add(element, compareNamed(itemsOf(was), itemsOf(value), type.of, depth + 1))
    } else gathered.add(element, compare(was, value, type.of, depth + 1))
  }
  for (const [element, value] of old) {
    if (!fresh.has(element)) gathered.add(element, compareNamed(itemsOf(value), [], type.of, depth + 1))
  }
  return gathered.result()
}

/** Items of one name are one item, but where a list has duplicates: those are owned as a whole. */
function compareNamed(before: readonly unknown[], after: readonly unknown[], type: FieldType, depth: number) {
  if (before.length <= 1 && after.length <= 1) return compare(before[0], after[0], type, depth)
  if (before.length > 1 && after.length > 1) return sameJson(before, after, depth) ? none : leafChanged
  if (before.length > 1) {
    const { changed } = compare(undefined, after[0], type, depth)
    return { changed, removed: leafSet }
  }
  const { removed } = compare(before[0], undefined, type, depth)
  return { changed: leafSet, removed }
}

/** Items of one name. */
class Same {
  readonly items: unknown[]

  constructor(...items: unknown[]) {
    this.items = items
  }
}

const itemsOf = (found: unknown): readonly unknown[] =>
  found instanceof Same ? found.items : found === undefined ? [] : [found]

/** The item of each name, or all that have it. */
function itemsByName(list: readonly unknown[], type: ListType): ReadonlyMap<string, unknown> {
  const items = new Map<string, unknown>()
  for (const item of list) {
    const { element } = itemName(item, type)
    if (element === undefined) continue
    const same = items.get(element)
    if (same === undefined) items.set(element, item)
    else if (same instanceof Same) same.items.push(item)
    else items.set(element, new Same(same, item))
  }
  return items
}
