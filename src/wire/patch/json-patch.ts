/**
 * JSON patch (https://www.rfc-editor.org/rfc/rfc6902) as the Kubernetes API takes it: list positions may count
 * from the end (`-1` is the last), and copying is bounded.
 */
import { badPatch, doesNotApply, jsonTypeOf, tooMany, wrongBody } from './errors.ts'
import { guardDepth, isObject, own, put, type Draft, type JsonObject } from './value.ts'

/** More operations than this in one patch are refused. */
export const MAX_OPERATIONS = 10_000
/** What all `copy` operations of one patch may add, in bytes of JSON. */
export const MAX_COPIED_BYTES = 3 * 1024 * 1024
/** The work of one patch: values looked at or moved. Far beyond any honest patch of an object that fits in storage. */
const MAX_STEPS = 3_000_000
/** Items of a list that shift by one place count little. */
const MOVES_A_STEP = 64

/**
 * The object that `patch` makes of `current`. All operations hold or none. Shares what the patch does not touch.
 * Throws a PatchError.
 */
export function applyJsonPatch(current: unknown, patch: unknown): unknown {
  if (patch === null) return current
  if (!Array.isArray(patch)) throw wrongBody(patch, '[]handlers.jsonPatchOp')
  for (const operation of patch) demandOperation(operation)
  if (patch.length > MAX_OPERATIONS) {
    throw tooMany(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    )
  }
  const document = new Patched(current)
  for (const operation of patch) perform(document, isObject(operation) ? operation : {})
  return document.root
}

/** Throws unless the operation can be read, whatever it does. */
function demandOperation(operation: unknown): void {
  if (operation === null) return
  if (!isObject(operation)) throw wrongBody(operation, 'handlers.jsonPatchOp')
  for (const [field, value] of Object.entries(operation)) {
    if (!TEXTS.has(field) || value === null || typeof value === 'string') continue
    const found = jsonTypeOf(value)
    throw badPatch(
      `error decoding patch: json: cannot unmarshal ${found} into Go struct field jsonPatchOp.${field} of type string`,
    )
  }
}

/** The fields of an operation that are texts. */
const TEXTS: ReadonlySet<string> = new Set(['op', 'from', 'path'])

function perform(document: Patched, operation: JsonObject): void {
  const op = own(operation, 'op')
  const value = own(operation, 'value') ?? null
  switch (op) {
    case 'add':
      return document.add(pointer(operation, 'path'), value)
    case 'remove':
      document.remove(pointer(operation, 'path'))
      return
    case 'replace':
      return document.replace(pointer(operation, 'path'), value)
    case 'move':
      return document.move(pointer(operation, 'from'), pointer(operation, 'path'))
    case 'copy':
      return document.copy(pointer(operation, 'from'), pointer(operation, 'path'))
    case 'test':
      return document.test(pointer(operation, 'path'), value)
    default:
      throw doesNotApply(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`)
  }
}

type Pointer = readonly string[]

/** The steps of a JSON pointer (https://www.rfc-editor.org/rfc/rfc6901). */
function pointer(operation: JsonObject, field: 'path' | 'from'): Pointer {
  const text = own(operation, field)
  if (typeof text !== 'string') throw doesNotApply(`operation missing ${field} field`)
  if (text === '') return []
  if (!text.startsWith('/')) throw doesNotApply(`"${text}" is not a JSON pointer`)
  const steps = text.slice(1).split('/')
  return text.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps
}

const missing = (path: Pointer) => doesNotApply(`doc is missing path: "/${path.join('/')}"`)

/** A document under change. A container is copied before its first change and is then our own. */
class Patched {
  root: unknown
  readonly #own = new WeakSet<object>()
  #copied = 0
  #steps = 0

  constructor(root: unknown) {
    this.root = root
  }

  add(path: Pointer, value: unknown): void {
    this.#guardDepth(path, value)
    this.#insert(path, value)
  }

  remove(path: Pointer): unknown {
    const key = path.at(-1)
    if (key === undefined) throw doesNotApply('the whole document cannot be removed')
    this.#get(path)
    const parent = this.#writable(path.length - 1, path)
    if (Array.isArray(parent)) {
      this.#spend(parent.length / MOVES_A_STEP)
      return parent.splice(position(parent, key, 0), 1)[0]
    }
    const value = parent[key]
    delete parent[key]
    return value
  }

  replace(path: Pointer, value: unknown): void {
    const key = path.at(-1)
    this.#guardDepth(path, value)
    if (key === undefined) {
      this.root = value
      return
    }
    const parent = this.#writable(path.length - 1, path)
    // Kubernetes asks for an item that is there, but takes a key that is not.
    if (!Array.isArray(parent)) return put(parent, key, value)
    this.#get(path)
    parent[position(parent, key, 0)] = value
  }

  move(from: Pointer, path: Pointer): void {
    const same = from.every((step, index) => path[index] === step)
    if (same && from.length < path.length) throw doesNotApply('a value cannot be moved into itself')
    const value = this.#get(from)
    if (same && from.length === path.length) return
    this.#guardDepth(path, value)
    this.remove(from)
    this.#insert(path, value)
  }

  copy(from: Pointer, path: Pointer): void {
    const value = this.#getOrNull(from)
    const size = this.#guardDepth(path, value)
    this.#copied += size
    if (this.#copied > MAX_COPIED_BYTES) {
      throw doesNotApply(
        `Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, ` +
          `exceeding the limit ${MAX_COPIED_BYTES}`,
      )
    }
    this.#insert(path, structuredClone(value))
  }

  /** What is not in an object is null to those who only look. */
  #getOrNull(path: Pointer): unknown {
    const parent = path.length === 0 ? undefined : this.#get(path.slice(0, -1))
    const key = path.at(-1)
    const absent = isObject(parent) && key !== undefined && !Object.hasOwn(parent, key)
    return absent ? null : this.#get(path)
  }

  test(path: Pointer, value: unknown): void {
    const found = this.#getOrNull(path)
    if (!this.#same(found, value, 0)) throw doesNotApply(`testing value /${path.join('/')} failed`)
  }

  #insert(path: Pointer, value: unknown): void {
    const key = path.at(-1)
    if (key === undefined) {
      this.root = value
      return
    }
    const parent = this.#writable(path.length - 1, path)
    if (Array.isArray(parent)) {
      this.#spend(parent.length / MOVES_A_STEP)
      parent.splice(key === '-' ? parent.length : position(parent, key, 1), 0, value)
    } else put(parent, key, value)
  }

  #get(path: Pointer): unknown {
    let value = this.root
    for (const step of path) {
      this.#spend(1)
      if (Array.isArray(value)) value = value[position(value, step, 0)]
      else if (isObject(value) && Object.hasOwn(value, step)) value = value[step]
      else throw missing(path)
    }
    return value
  }

  /** The container at the first `length` steps of `path`, with all above it our own. */
  #writable(length: number, path: Pointer): Draft | unknown[] {
    let container = this.#claim(this.root, path)
    this.root = container
    for (let at = 0; at < length; at++) {
      const step = path[at] ?? ''
      if (Array.isArray(container)) {
        const index = position(container, step, 0)
        const next = this.#claim(container[index], path)
        container[index] = next
        container = next
      } else {
        if (!Object.hasOwn(container, step)) throw missing(path)
        const next = this.#claim(container[step], path)
        put(container, step, next)
        container = next
      }
    }
    return container
  }

  #claim(value: unknown, path: Pointer): Draft | unknown[] {
    this.#spend(1)
    if (!Array.isArray(value) && !isObject(value)) throw missing(path)
    if (this.#own.has(value)) return value as Draft | unknown[]
    const copy: Draft | unknown[] = Array.isArray(value) ? [...value] : { ...value }
    this.#spend(Array.isArray(value) ? value.length : Object.keys(value).length)
    this.#own.add(copy)
    return copy
  }

  /** Refuses a value that would stand too deep; answers about how many bytes of JSON it is. */
  #guardDepth(path: Pointer, value: unknown): number {
    return this.#measure(value, path.length)
  }

  #measure(value: unknown, depth: number): number {
    this.#spend(1)
    if (typeof value === 'string') return value.length + 2
    if (typeof value !== 'object' || value === null) return 4
    guardDepth(depth)
    let size = 2
    if (Array.isArray(value)) {
      for (const item of value) size += 1 + this.#measure(item, depth + 1)
      return size
    }
    for (const [key, item] of Object.entries(value)) size += key.length + 4 + this.#measure(item, depth + 1)
    return size
  }

  #same(a: unknown, b: unknown, depth: number): boolean {
    this.#spend(1)
    if (a === b) return true
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
      return typeof a !== typeof b && isNumber(a) && isNumber(b) && String(a) === String(b)
    }
    guardDepth(depth)
    if (Array.isArray(a)) {
      return (
        Array.isArray(b) && a.length === b.length && a.every((item: unknown, i) => this.#same(item, b[i], depth + 1))
      )
    }
    if (!isObject(a) || !isObject(b)) return false
    const keys = Object.keys(a)
    this.#spend(keys.length)
    if (keys.length !== Object.keys(b).length) return false
    return keys.every((key) => Object.hasOwn(b, key) && this.#same(a[key], b[key], depth + 1))
  }

  #spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > MAX_STEPS) throw tooMany(`The patch takes more than ${MAX_STEPS} steps to apply`)
  }
}

const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint'

/** A position in a list, for reading (`room` 0) or for an insertion (`room` 1). */
function position(list: readonly unknown[], step: string, room: 0 | 1): number {
  const wanted = /^[+-]?[0-9]{1,15}$/.test(step) ? Number(step) : undefined
  if (wanted === undefined) throw doesNotApply(`"${step}" is not a position in a list`)
  const size = list.length + room
  const index = wanted < 0 ? wanted + size : wanted
  if (index < 0 || index >= size) throw doesNotApply(`Unable to access invalid index: ${wanted}`)
  return index
}
