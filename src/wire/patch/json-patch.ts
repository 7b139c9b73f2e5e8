/**
 * JSON patch (https://www.rfc-editor.org/rfc/rfc6902) as the Kubernetes API takes it: list positions may count
 * from the end (`-1` is the last), and copying is bounded.
 */
import { atOnce, type Steps } from '../../base/async/steps.ts'
import { goQuote } from '../../base/go-quote.ts'
import { copyOf } from '../json/copy.ts'
import { badPatch, doesNotApply, jsonTypeOf, tooMany, wrongBody } from './errors.ts'
import { guardDepth, isObject, own, put, type Draft, type JsonObject } from './value.ts'

/** More operations than this in one patch are refused. */
export const MAX_OPERATIONS = 10_000
/** What all `copy` operations of one patch may add, in bytes of JSON. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024
/** The work of one patch: values looked at or moved. Far beyond any honest patch of an object that fits in storage. */
const MAX_STEPS = 3_000_000
/** After so many others have their turn. */
const STEPS_AT_ONCE = 20_000
/** Items of a list that shift by one place count little. */
const MOVES_A_STEP = 64

/**
 * The object that `patch` makes of `current`. All operations hold or none. Shares what the patch does not touch.
 * Throws a PatchError.
 */
export const applyJsonPatch = (current: unknown, patch: unknown): unknown => atOnce(jsonPatchInSteps(current, patch))

/** The same in steps: an operation may look at all of the document, and there may be thousands. */
export function* jsonPatchInSteps(current: unknown, patch: unknown): Steps<unknown> {
  if (patch === null) return current
  if (!Array.isArray(patch)) throw wrongBody(patch, '[]handlers.jsonPatchOp')
  for (const operation of patch) demandOperation(operation)
  if (patch.length > MAX_OPERATIONS) {
    throw tooMany(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    )
  }
  const document = new Patched(current)
  let spent = 0
  for (const operation of patch) {
    if (document.spent - spent > STEPS_AT_ONCE) {
      yield
      spent = document.spent
    }
    perform(document, isObject(operation) ? operation : {})
  }
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
type PointerField = 'path' | 'from'

/** The steps of a JSON pointer (https://www.rfc-editor.org/rfc/rfc6901). */
function pointer(operation: JsonObject, field: PointerField): Pointer {
  const text = own(operation, field)
  if (typeof text !== 'string') throw doesNotApply(withoutField(String(own(operation, 'op')), field))
  if (text === '') return []
  if (!text.startsWith('/')) throw doesNotApply(`"${text}" is not a JSON pointer`)
  const steps = text.slice(1).split('/')
  return text.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps
}

/** What Kubernetes says of an operation without its path, which a policy's author reads. */
function withoutField(op: string, field: PointerField): string {
  const isTerse = op === 'add' || op === 'remove' || (op === 'copy' && field === 'path')
  return `${op} operation failed to decode ${field}: ${isTerse ? '' : `operation${field === 'from' ? ',' : ''} missing ${field} field: `}missing value`
}

const textOf = (path: Pointer) => path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** A place that is not there. `why` tells of its last step; without it, there is nothing that could have one. */
class Nowhere extends Error {
  readonly why: string | undefined

  constructor(why?: string) {
    super(why)
    this.why = why
  }
}

/** Looks for a place, and tells in Kubernetes's words what is not there. */
function seek<T>(look: () => T, noContainer: () => string, noItem: (why: string) => string): T {
  try {
    return look()
  } catch (error) {
    if (!(error instanceof Nowhere)) throw error
    throw doesNotApply(error.why === undefined ? `${noContainer()}: missing value` : noItem(error.why))
  }
}

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
    seek(
      () => this.#insert(path, value),
      () => `add operation does not apply: doc is missing path: "${textOf(path)}"`,
      (why) => `error in add for path: '${textOf(path)}': ${why}`,
    )
  }

  remove(path: Pointer): void {
    seek(
      () => this.#take(path),
      () => `remove operation does not apply: doc is missing path: "${textOf(path)}"`,
      (why) => `error in remove for path: '${textOf(path)}': ${why}`,
    )
  }

  replace(path: Pointer, value: unknown): void {
    const key = path.at(-1)
    this.#guardDepth(path, value)
    if (key === undefined) {
      this.root = value
      return
    }
    const missing = (what: string) => `replace operation does not apply: doc is missing ${what}: ${textOf(path)}`
    seek(
      () => {
        const parent = this.#writable(path.length - 1, path)
        // Kubernetes asks for an item that is there, but takes a key that is not.
        if (Array.isArray(parent)) parent[position(parent, key, 0)] = value
        else put(parent, key, value)
      },
      () => missing('path'),
      () => `${missing('key')}: missing value`,
    )
  }

  move(from: Pointer, path: Pointer): void {
    const same = from.every((step, index) => path[index] === step)
    const missing = (what: string, at: Pointer) =>
      `move operation does not apply: doc is missing ${what} path: ${textOf(at)}`
    if (same && from.length < path.length) throw doesNotApply(`${missing('destination', path)}: missing value`)
    const wrong = (at: string, why: string) => `error in move for path: '${at}': ${why}`
    seek(
      () => {
        const value = this.#get(from)
        this.#guardDepth(path, value)
      },
      () => missing('from', from),
      (why) => wrong(from.at(-1) ?? '', why),
    )
    if (same && from.length === path.length) return
    const value = this.#take(from)
    seek(
      () => this.#insert(path, value),
      () => missing('destination', path),
      (why) => wrong(textOf(path), why),
    )
  }

  copy(from: Pointer, path: Pointer): void {
    const missing = (what: string, at: Pointer) =>
      `copy operation does not apply: doc is missing ${what} path: ${textOf(at)}`
    const value = seek(
      () => this.#getOrNull(from),
      () => missing('from', from),
      (why) => `error in copy for from: '${textOf(from)}': ${why}`,
    )
    const size = this.#guardDepth(path, value)
    this.#copied += size
    if (this.#copied > MAX_COPIED_BYTES) {
      throw doesNotApply(
        `Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, ` +
          `exceeding the limit ${MAX_COPIED_BYTES}`,
      )
    }
    seek(
      () => this.#insert(path, copyOf(value)),
      () => missing('destination', path),
      (why) => `error while adding value during copy: ${why}`,
    )
  }

  /** What is not in an object is null to those who only look. */
  #getOrNull(path: Pointer): unknown {
    const parent = path.length === 0 ? undefined : this.#container(path)
    const key = path.at(-1)
    const absent = isObject(parent) && key !== undefined && !Object.hasOwn(parent, key)
    return absent ? null : this.#get(path)
  }

  test(path: Pointer, value: unknown): void {
    const found = seek(
      () => this.#getOrNull(path),
      () => `test operation does not apply: is missing path: ${textOf(path)}`,
      (why) => `error in test for path: '${textOf(path)}': ${why}`,
    )
    if (!this.#same(found, value, 0)) throw doesNotApply(`testing value ${textOf(path)} failed: test failed`)
  }

  #take(path: Pointer): unknown {
    const key = path.at(-1)
    if (key === undefined) throw new Nowhere()
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
    const key = path.at(-1)
    if (key === undefined) return this.root
    const container = this.#container(path)
    if (Array.isArray(container)) return container[position(container, key, 0)]
    if (!isObject(container)) throw new Nowhere()
    if (!Object.hasOwn(container, key)) throw new Nowhere(`Unable to remove nonexistent key: ${key}: missing value`)
    return container[key]
  }

  /** What the last step of a path is to be looked for in. */
  #container(path: Pointer): unknown {
    let value = this.root
    for (const step of path.slice(0, -1)) {
      this.#spend(1)
      value = inside(value, step)
    }
    return value
  }

  /** The container at the first `length` steps of `path`, with all above it our own. */
  #writable(length: number, path: Pointer): Draft | unknown[] {
    let container = this.#claim(this.root)
    this.root = container
    for (let at = 0; at < length; at++) {
      const step = path[at] ?? ''
      const next = this.#claim(inside(container, step))
      if (Array.isArray(container)) container[indexOf(container, step, 0) ?? 0] = next
      else put(container, step, next)
      container = next
    }
    return container
  }

  #claim(value: unknown): Draft | unknown[] {
    this.#spend(1)
    if (!Array.isArray(value) && !isObject(value)) throw new Nowhere()
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
    const members = value as JsonObject
    for (const key of Object.keys(members)) size += key.length + 4 + this.#measure(members[key], depth + 1)
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

  /** How much work it was so far. */
  get spent(): number {
    return this.#steps
  }

  #spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > MAX_STEPS) throw tooMany(`The patch takes more than ${MAX_STEPS} steps to apply`)
  }
}

const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint'

/** What is at one step of a container on the way. */
function inside(container: unknown, step: string): unknown {
  if (Array.isArray(container)) {
    const index = indexOf(container, step, 0)
    if (index !== undefined) return container[index]
  } else if (isObject(container) && Object.hasOwn(container, step)) return container[step]
  throw new Nowhere()
}

const DIGITS = /^[+-]?[0-9]{1,15}$/

/** A position in a list, for reading (`room` 0) or for an insertion (`room` 1); undefined where there is none. */
function indexOf(list: readonly unknown[], step: string, room: 0 | 1): number | undefined {
  if (!DIGITS.test(step)) return undefined
  const size = list.length + room
  const index = Number(step) < 0 ? Number(step) + size : Number(step)
  return index < 0 || index >= size ? undefined : index
}

/** The same for the last step of a path. */
function position(list: readonly unknown[], step: string, room: 0 | 1): number {
  const index = indexOf(list, step, room)
  if (index !== undefined) return index
  if (DIGITS.test(step)) throw new Nowhere(`Unable to access invalid index: ${Number(step)}: invalid index referenced`)
  const why = `strconv.Atoi: parsing ${goQuote(step)}: invalid syntax`
  throw new Nowhere(room === 0 ? why : `value was not a proper array index: '${step}': ${why}`)
}
