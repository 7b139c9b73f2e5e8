/**
 * Sets of fields, and their written form FieldsV1: a tree whose keys are `f:<field>`, `k:<keys of a list item>`,
 * `v:<value of a set>`, `i:<position>`, and `.` for the place itself
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/).
 */

/** A place in an object and what is owned of it. Never changed once it is made. */
export interface FieldSet {
  /** The place itself is in the set. */
  readonly owned: boolean
  /** What is owned inside, by path element as FieldsV1 writes it. No child is empty. */
  readonly children: ReadonlyMap<string, FieldSet>
}

const nothing: ReadonlyMap<string, FieldSet> = new Map()

export const emptySet: FieldSet = { owned: false, children: nothing }
/** A place without anything inside: the most frequent set of all. */
export const leafSet: FieldSet = { owned: true, children: nothing }

export const isEmpty = (set: FieldSet) => !set.owned && set.children.size === 0

/** The set of these parts; shares the constants where it can. */
export function makeSet(owned: boolean, children: ReadonlyMap<string, FieldSet> | undefined): FieldSet {
  if (children === undefined || children.size === 0) return owned ? leafSet : emptySet
  return { owned, children }
}

/** The set of these paths, each a list of path elements. */
export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldSet>((inner, step) => makeSet(false, new Map([[step, inner]])), leafSet),
      ),
    emptySet,
  )
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a
  if (isEmpty(a)) return b
  let children: Map<string, FieldSet> | undefined
  for (const [key, theirs] of b.children) {
    const ours = a.children.get(key)
    const both = ours === undefined ? theirs : union(ours, theirs)
    if (both === ours) continue
    children ??= new Map(a.children)
    children.set(key, both)
  }
  if (children === undefined && a.owned === (a.owned || b.owned)) return a
  return makeSet(a.owned || b.owned, children ?? a.children)
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b) || isEmpty(a)) return a
  let children: Map<string, FieldSet> | undefined
  for (const [key, theirs] of b.children) {
    const ours = a.children.get(key)
    if (ours === undefined) continue
    const rest = difference(ours, theirs)
    if (rest === ours) continue
    children ??= new Map(a.children)
    if (isEmpty(rest)) children.delete(key)
    else children.set(key, rest)
  }
  const owned = a.owned && !b.owned
  return children === undefined && owned === a.owned ? a : makeSet(owned, children ?? a.children)
}

/** What is in `a`, but neither in `b` nor inside of what is in `b`. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (b.owned) return emptySet
  let children: Map<string, FieldSet> | undefined
  for (const [key, theirs] of b.children) {
    const ours = a.children.get(key)
    if (ours === undefined) continue
    const rest = differenceBelow(ours, theirs)
    if (rest === ours) continue
    children ??= new Map(a.children)
    if (isEmpty(rest)) children.delete(key)
    else children.set(key, rest)
  }
  return children === undefined ? a : makeSet(a.owned, children)
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  let children: Map<string, FieldSet> | undefined
  const [small, large] = a.children.size <= b.children.size ? [a, b] : [b, a]
  for (const [key, one] of small.children) {
    const other = large.children.get(key)
    if (other === undefined) continue
    const both = intersection(one, other)
    if (isEmpty(both)) continue
    children ??= new Map()
    children.set(key, both)
  }
  return makeSet(a.owned && b.owned, children)
}

/** Whether the place at `path` is in the set. */
export function has(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet | undefined = set
  for (const step of path) {
    at = at.children.get(step)
    if (at === undefined) return false
  }
  return at.owned
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  if (a.owned !== b.owned || a.children.size !== b.children.size) return false
  // By key: this is asked at every write, and a pair for each child would be garbage.
  for (const key of a.children.keys()) {
    const theirs = b.children.get(key)
    if (theirs === undefined || !sameSet(a.children.get(key)!, theirs)) return false
  }
  return true
}

/** All paths of the set, in the order Kubernetes tells them: the fields of a place, then what is inside them. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const keys = sortElements(set.children.keys())
  for (const key of keys) if (set.children.get(key)?.owned === true) yield [...prefix, key]
  for (const key of keys) {
    const child = set.children.get(key)
    if (child !== undefined && child.children.size > 0) yield* pathsOf(child, [...prefix, key])
  }
}

const ranks: Readonly<Record<string, number>> = { 'f:': 0, 'k:': 1, 'v:': 2, 'i:': 3 }

/** Path elements in order: fields, then keyed items by their keys, values, positions. */
export function sortElements(elements: Iterable<string>): string[] {
  const list = [...elements]
  if (list.length < 2) return list
  if (list.every((element) => element.startsWith('f:'))) return list.sort()
  const named = sortNamed(list)
  if (named !== undefined) return named
  const read = list.map((element) => ({ element, rank: ranks[element.slice(0, 2)] ?? 4, parts: partsOf(element) }))
  read.sort((a, b) => a.rank - b.rank || compareParts(a.parts, b.parts))
  return read.map(({ element }) => element)
}

const KEYED = /^k:\{"[^"\\]*":"/

/** Items whose one key is a plain text, which most lists have, are sorted by that; undefined for others. */
function sortNamed(list: readonly string[]): string[] | undefined {
  const head = KEYED.exec(list[0]!)?.[0]
  if (head === undefined) return undefined
  const values: string[] = []
  for (const element of list) {
    const end = element.length - 2
    if (!element.startsWith(head) || !element.endsWith('"}') || element.includes('\\')) return undefined
    // Another key would begin with a quote.
    if (element.indexOf('"', head.length) !== end) return undefined
    values.push(element.slice(head.length, end))
  }
  return values.sort().map((value) => `${head}${value}"}`)
}

/** What an element is sorted by: names and values of keys in turn, or the one name or value. */
function partsOf(element: string): readonly unknown[] {
  if (element.startsWith('f:')) return [element.slice(2)]
  const value: unknown = JSON.parse(element.slice(2))
  return typeof value === 'object' && value !== null ? Object.entries(value).flat() : [value]
}

function compareParts(a: readonly unknown[], b: readonly unknown[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compareValues(a[at], b[at])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
