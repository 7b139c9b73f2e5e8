/**
 * What a patch made of an object, as Kubernetes shows it in a refusal. A part that the patch went into has its keys in the
 * order of the alphabet; any other part is as it was: of the old object, its type's fields in their order; of the patch, as
 * it was sent (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
 */

import { schemaOf } from '../../api/schemas.ts'
import type { PatchType } from '../../client/transport.ts'
import { createNilForm } from '../../wire/json/nil.ts'
import { readJson } from '../../wire/json/parse.ts'
import { toJson } from '../../wire/json/stringify.ts'
import { isObject, type JsonObject } from '../../wire/patch/value.ts'
import type { FieldSchema, Shape, StructSchema } from '../../wire/schema.ts'

/** A patch and what it is applied to. It has been applied once: nothing about it is wrong but what came of it. */
export interface AppliedPatch {
  readonly type: PatchType
  readonly body: unknown
  readonly old: object
  /** The key of the old object's type. */
  readonly typeKey: string
}

const nilForm = createNilForm(schemaOf)

/** The JSON of what a JSON or merge patch made. */
export function patchedText({ type, body, old, typeKey }: AppliedPatch): string {
  const root = new Part(nilForm(old, typeKey), { kind: 'struct', type: typeKey })
  if (type === 'json') for (const operation of body as readonly JsonObject[]) replay(root, operation)
  else mergePart(root, body as JsonObject)
  return root.text()
}

/** A value that is text as a whole until somebody goes into it. Without a shape, it came with the patch. */
class Part {
  readonly #value: unknown
  readonly #shape: Shape | undefined
  #members: Map<string, Part> | undefined
  #items: Part[] | undefined

  constructor(value: unknown, shape?: Shape) {
    this.#value = value
    this.#shape = shape
  }

  /** What is in an object; undefined for anything else. */
  get members(): Map<string, Part> | undefined {
    const value = this.#value
    if (this.#members === undefined && isObject(value)) {
      const inside = Object.entries(value).filter(([, member]) => member !== undefined)
      this.#members = new Map(inside.map(([key, member]) => [key, new Part(member, memberShape(this.#shape, key))]))
    }
    return this.#members
  }

  /** What is in a list; undefined for anything else. */
  get items(): Part[] | undefined {
    const shape = this.#shape?.kind === 'list' ? this.#shape.of : undefined
    if (this.#items === undefined && Array.isArray(this.#value))
      this.#items = this.#value.map((item) => new Part(item, shape))
    return this.#items
  }

  get isNull(): boolean {
    return this.#value === null
  }

  /** Goes into it; with `isDeep` into all that is within, too. */
  open(isDeep = false): void {
    const inside = this.items ?? this.members?.values() ?? []
    if (isDeep) for (const part of inside) part.open(true)
  }

  text(): string {
    if (this.#items !== undefined) return `[${this.#items.map((item) => item.text()).join(',')}]`
    if (this.#members !== undefined) {
      const members = [...this.#members].toSorted(([a], [b]) => (a < b ? -1 : 1))
      return `{${members.map(([key, part]) => `${scalarText(key)}:${part.text()}`).join(',')}}`
    }
    return textOf(this.#value, this.#shape)
  }
}

function memberShape(shape: Shape | undefined, key: string): Shape | undefined {
  if (shape?.kind === 'map') return shape.of
  return shape?.kind === 'struct' ? schemaOf(shape.type)?.fields.get(key)?.shape : undefined
}

/** A value that nobody went into. */
function textOf(value: unknown, shape: Shape | undefined): string {
  if (Array.isArray(value)) {
    const of = shape?.kind === 'list' ? shape.of : undefined
    return `[${value.map((item) => textOf(item, of)).join(',')}]`
  }
  if (!isObject(value)) return scalarText(value)
  const members = keysOf(value, shape).map((key) => `${scalarText(key)}:${textOf(value[key], memberShape(shape, key))}`)
  return `{${members.join(',')}}`
}

function keysOf(value: JsonObject, shape: Shape | undefined): readonly string[] {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  if (shape?.kind === 'map') return keys.toSorted()
  const schema = shape?.kind === 'struct' ? schemaOf(shape.type) : undefined
  if (schema === undefined) return keys
  return inOrder(schema)
    .filter(({ name, omitEmpty }) => {
      const part = value[name]
      return part !== undefined && !(omitEmpty && Array.isArray(part) && part.length === 0)
    })
    .map(({ name }) => name)
}

/** A type's fields; embedded ones stand where what they are embedded from stands. */
function inOrder({ fields }: StructSchema): readonly FieldSchema[] {
  const all = [...fields.values()]
  if (!all.some(({ embeddedIn }) => embeddedIn !== undefined)) return all
  const place = ({ embeddedIn, proto }: FieldSchema) => embeddedIn?.[0] ?? proto?.number ?? 0
  return all.toSorted((a, b) => place(a) - place(b))
}

const ESCAPED = /[<>&\u2028\u2029]/g
const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** JSON as Go writes it: safe inside HTML. */
const scalarText = (value: unknown) => toJson(value).replace(ESCAPED, escape)

function mergePart(target: Part, patch: JsonObject): void {
  const members = target.members
  for (const [key, wish] of Object.entries(patch)) {
    const before = members?.get(key)
    if (wish === null) members?.delete(key)
    else if (before === undefined || before.isNull) members?.set(key, pruned(wish))
    else if (!isObject(wish)) members?.set(key, before.members === undefined ? pruned(wish) : new Part(wish))
    else if (before.members === undefined) members?.set(key, pruned(wish))
    else mergePart(before, wish)
  }
}

/** What takes the place of nothing: its nulls are looked for everywhere. */
function pruned(wish: unknown): Part {
  const part = new Part(withoutNulls(wish))
  part.open(true)
  return part
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]))
}

function replay(root: Part, operation: JsonObject): void {
  const { op, value = null } = operation
  const [parent, key] = placeOf(root, operation['path'])
  switch (op) {
    case 'add':
      return put(parent, key, new Part(value), true)
    case 'replace':
      return put(parent, key, new Part(value), false)
    case 'remove':
      return void take(parent, key)
    case 'move':
      return put(parent, key, take(...placeOf(root, operation['from'])), true)
    case 'copy':
      return put(parent, key, copied(find(...placeOf(root, operation['from']))), true)
    default:
      return find(parent, key).open(true)
  }
}

const NOTHING = new Part(null)

/** A copy is text as a whole, whatever it was. */
const copied = (part: Part) => new Part(readJson(Buffer.from(part.text())))

/** The container that a JSON pointer leads to, gone into on the way, and the key in it. */
function placeOf(root: Part, pointer: unknown): [parent: Part, key: string] {
  const steps = String(pointer).split('/').slice(1)
  const keys = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  let parent = root
  for (const key of keys.slice(0, -1)) parent = find(parent, key)
  parent.open()
  return [parent, keys.at(-1) ?? '']
}

const positionIn = (items: readonly Part[], key: string, room: 0 | 1) =>
  key === '-' ? items.length : Number(key) < 0 ? Number(key) + items.length + room : Number(key)

function find(parent: Part, key: string): Part {
  const { items } = parent
  return (items === undefined ? parent.members?.get(key) : items[positionIn(items, key, 0)]) ?? NOTHING
}

function put(parent: Part, key: string, part: Part, isNew: boolean): void {
  const { items } = parent
  if (items === undefined) parent.members?.set(key, part)
  else items.splice(positionIn(items, key, isNew ? 1 : 0), isNew ? 0 : 1, part)
}

function take(parent: Part, key: string): Part {
  const part = find(parent, key)
  const { items } = parent
  if (items === undefined) parent.members?.delete(key)
  else items.splice(positionIn(items, key, 0), 1)
  return part
}
