/**
 * Reads and writes FieldsV1. What is read or written once is remembered by the identity of the (shared, frozen)
 * value, so that an object that is written often is not parsed each time.
 */
import type { Steps } from '../../base/async/steps.ts'
import { rememberText } from '../../wire/json/known-text.ts'
import { leafSet, makeSet, sameSet, sortElements, type FieldSet } from './field-set.ts'

const MAX_DEPTH = 500
const known = new WeakMap<object, FieldSet>()

/** The set that a FieldsV1 value says; undefined when it is none. */
export function parseFieldsV1(value: unknown): FieldSet | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  let set = known.get(value)
  if (set === undefined) {
    set = parseNode(value, 0, true)
    if (set !== undefined) known.set(value, set)
  }
  return set
}

function parseNode(value: unknown, depth: number, root: boolean): FieldSet | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > MAX_DEPTH) return undefined
  let children: Map<string, FieldSet> | undefined
  let owned = false
  for (const [key, inner] of Object.entries(value)) {
    if (key === '.') {
      owned = true
      continue
    }
    const element = readElement(key)
    if (element === undefined) return undefined
    const child = parseNode(inner, depth + 1, false)
    if (child === undefined) return undefined
    children ??= new Map()
    children.set(element, child)
  }
  if (children === undefined) return root && !owned ? makeSet(false, undefined) : leafSet
  return makeSet(owned, children)
}

/** A path element in the one form we write it; undefined when it is none. */
function readElement(text: string): string | undefined {
  if (text.startsWith('f:')) return text
  try {
    const value: unknown = JSON.parse(text.slice(2))
    if (text.startsWith('v:') && typeof value === 'object') return undefined
    if (text.startsWith('v:')) return `v:${JSON.stringify(value)}`
    if (text.startsWith('i:')) return Number.isInteger(value) ? `i:${JSON.stringify(value)}` : undefined
    if (!text.startsWith('k:') || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const entries = Object.entries(value)
    if (entries.some(([, part]) => typeof part === 'object' && part !== null)) return undefined // the keys of an item are plain values
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `k:${JSON.stringify(Object.fromEntries(entries))}`
  } catch {
    return undefined
  }
}

/** What was written of late, by its size: objects of one make have the same fields, and then share the value too. */
const written = new Map<number, { readonly set: FieldSet; readonly value: object }[]>()
const MAX_SIZES = 200
const MAX_OF_SIZE = 8
/** What is larger is seldom shared, and would hold much memory. */
const MAX_SIZE = 2_000

/** The set as a FieldsV1 value, frozen, and shared by all who own the same. What is huge is written in steps. */
export function* formatFieldsV1(set: FieldSet): Steps<object> {
  const size = sizeOf(set)
  if (size > MAX_SIZE) {
    const value = yield* formatLarge(set)
    known.set(value, set)
    return value
  }
  let alike = written.get(size)
  for (const one of alike ?? []) if (sameSet(one.set, set)) return one.value
  const value = formatNode(set)
  known.set(value, set)
  if (alike === undefined) {
    if (written.size >= MAX_SIZES) written.clear()
    written.set(size, (alike = []))
  }
  if (alike.length >= MAX_OF_SIZE) alike.shift()
  alike.push({ set, value })
  // Half of many an object: written once for all who own the same.
  rememberText(value, JSON.stringify(value))
  return value
}

function sizeOf({ children }: FieldSet): number {
  let size = 1
  for (const child of children.values()) size += child.children.size === 0 ? 1 : sizeOf(child)
  return size
}

const bare = Object.freeze({})

/** So many fields are written at once. */
const STEP = 5_000

/** As `formatNode`, with a pause now and then. */
function* formatLarge(set: FieldSet): Steps<object> {
  yield
  const node: Record<string, object> = {}
  if (set.owned) node['.'] = bare
  let left = STEP
  const keys = sortElements(set.children.keys())
  yield
  for (const key of keys) {
    const child = set.children.get(key)!
    const size = child.children.size === 0 ? 1 : sizeOf(child)
    node[key] = size > MAX_SIZE ? yield* formatLarge(child) : formatNode(child)
    left -= size
    if (left > 0) continue
    yield
    left = STEP
  }
  return Object.freeze(node)
}

function formatNode(set: FieldSet): object {
  if (set.children.size === 0) return bare
  const node: Record<string, object> = {}
  if (set.owned) node['.'] = bare
  for (const key of sortElements(set.children.keys())) {
    const child = set.children.get(key)
    if (child !== undefined) node[key] = formatNode(child)
  }
  return Object.freeze(node)
}
