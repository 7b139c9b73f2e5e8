/**
 * What nobody gave, as Go writes it: a nil slice, map or pointer is `null` in JSON unless the field is left out when empty
 * (https://pkg.go.dev/encoding/json#Marshal). Programs here see an empty list, or nothing; only what clients read says `null`.
 */
import { WIDE, wideCopy } from './copy.ts'
import type { FieldSchema, SchemaLookup, Shape } from '../schema.ts'

/** `value` as Go writes it; the very same value where nothing in it is nil. The input is not changed. */
export type NilForm = (value: object, typeKey: string) => object

type Fields = Readonly<Record<string, unknown>>
type Walk = (value: unknown) => unknown

interface Plan {
  /** Lists and maps that are `null` when empty. */
  readonly nils: readonly string[]
  /** Others that are `null` when absent. */
  readonly pointers: readonly string[]
  /** Fields that have such fields within. */
  readonly inner: readonly (readonly [name: string, walk: Walk])[]
}

/** Lists and maps that somebody wrote and left empty: they are given, unlike those that are merely there. */
const givenEmpty = new WeakSet<object>()

/** Notes that somebody wrote this empty list or map. */
export const noteGiven = (empty: object): void => void givenEmpty.add(empty)

/** Whether somebody wrote this list or map, which is empty. */
export const isGiven = (empty: object): boolean => givenEmpty.has(empty)

/** Optional lists and maps that somebody gave empty, by what they would be in: an object is as if it had none of them. */
const leftOut = new WeakMap<object, Readonly<Record<string, object>>>()

/** Notes that `owner` was given this empty list or map, and goes without. */
export function noteLeftOut(owner: object, field: string, empty: object): void {
  leftOut.set(owner, { ...leftOut.get(owner), [field]: empty })
}

/** A field for the few rules that tell an empty list or map from nothing: where one was given and left out, that. */
export function asGiven<T extends object, K extends keyof T & string>(
  owner: T | null | undefined,
  field: K,
): T[K] | undefined {
  if (owner === null || owner === undefined) return undefined
  return owner[field] ?? (leftOut.get(owner)?.[field] as T[K] | undefined)
}

/** Whether `owner` itself goes without what it was given. */
export const lacksGiven = (owner: object | undefined): boolean => owner !== undefined && leftOut.has(owner)

/** The same of anything in `value`, at any depth, if nobody has filled it in since. */
export function hasLeftOut(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = Object.keys(leftOut.get(value) ?? {})
  if (fields.some((field) => (value as Fields)[field] === undefined)) return true
  return Object.values(value).some(hasLeftOut)
}

/** What `from` was given empty, `to` was given as well: `to`, which is made of it. */
export function keepLeftOut<T extends object>(from: object, to: T): T {
  const fields = leftOut.get(from)
  if (fields !== undefined) leftOut.set(to, fields)
  return to
}

/** A copy of JSON values at every depth, in which what was given empty is so still. */
export function copyAsGiven<T>(value: T): T {
  return copied(value) as T
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return stillGiven(value, value.map(copied))
  const keys = Object.keys(value)
  if (keys.length >= WIDE) return stillGiven(value, wideCopy(value, copied))
  const members: Record<string, unknown> = { ...value }
  for (const key of keys) {
    const member = members[key]
    if (typeof member === 'object' && member !== null) members[key] = copied(member)
  }
  return stillGiven(value, members)
}

function stillGiven<T extends object>(value: object, copy: T): T {
  if (givenEmpty.has(value)) givenEmpty.add(copy)
  keepLeftOut(value, copy)
  return copy
}

/** Learns each type once. With `keepsGiven`, what somebody gave is not nil, even if it is empty. */
export function createNilForm(schemas: SchemaLookup, { keepsGiven = false } = {}): NilForm {
  const isNil = (value: unknown) => isEmpty(value) && !(keepsGiven && givenEmpty.has(value as object))
  const plans = new Map<string, Plan>()

  function planOf(type: string): Plan {
    let plan = plans.get(type)
    if (plan === undefined) {
      const fields = [...(schemas(type)?.fields.values() ?? [])]
      const inner = fields.flatMap(({ name, shape }) => {
        const walk = walkOf(shape)
        return walk === undefined ? [] : [[name, walk] as const]
      })
      const nils = fields.filter(isNilWhenEmpty).map(({ name }) => name)
      const pointers = fields.filter(isNilWhenAbsent).map(({ name }) => name)
      plans.set(type, (plan = { nils, pointers, inner }))
    }
    return plan
  }

  function walkOf(shape: Shape): Walk | undefined {
    switch (shape.kind) {
      case 'scalar':
        return undefined
      case 'struct':
        return reaches(shape.type, new Set()) ? (value) => struct(value as Fields, planOf(shape.type)) : undefined
      case 'list': {
        const walk = walkOf(shape.of)
        return walk === undefined ? undefined : (value) => changed(value as unknown[], walk)
      }
      case 'map': {
        const walk = walkOf(shape.of)
        return walk === undefined ? undefined : (value) => changedMap(value as Fields, walk)
      }
    }
  }

  /** Whether a type has such a field anywhere within; types may contain themselves. */
  function reaches(type: string, seen: Set<string>): boolean {
    if (seen.has(type)) return false
    seen.add(type)
    for (const field of schemas(type)?.fields.values() ?? []) {
      if (isNilWhenEmpty(field) || isNilWhenAbsent(field)) return true
      const struct = structIn(field.shape)
      if (struct !== undefined && reaches(struct, seen)) return true
    }
    return false
  }

  function struct(value: Fields, { nils, pointers, inner }: Plan): Fields {
    let copy: Record<string, unknown> | undefined
    for (const name of nils) if (isNil(value[name])) (copy ??= { ...value })[name] = null
    for (const name of pointers) if (value[name] === undefined) (copy ??= { ...value })[name] = null
    for (const [name, walk] of inner) {
      const member = value[name]
      if (typeof member !== 'object' || member === null) continue
      const walked = walk(member)
      if (walked !== member && copy?.[name] !== null) (copy ??= { ...value })[name] = walked
    }
    return copy ?? value
  }

  return (value, typeKey) => struct(value as Fields, planOf(typeKey))
}

function isNilWhenEmpty({ shape, pointer, omitEmpty }: FieldSchema): boolean {
  return !pointer && !omitEmpty && (shape.kind === 'list' || shape.kind === 'map')
}

/** A pointer that Go writes even where it points at nothing. */
export const isNilWhenAbsent = ({ pointer, omitEmpty }: FieldSchema): boolean => pointer && !omitEmpty

function structIn(shape: Shape): string | undefined {
  if (shape.kind === 'struct') return shape.type
  return shape.kind === 'scalar' ? undefined : structIn(shape.of)
}

function changed(list: unknown[], walk: Walk): unknown[] {
  let copy: unknown[] | undefined
  for (let at = 0; at < list.length; at++) {
    const walked = walk(list[at])
    if (walked !== list[at]) (copy ??= list.slice())[at] = walked
  }
  return copy ?? list
}

function changedMap(map: Fields, walk: Walk): Fields {
  let copy: Record<string, unknown> | undefined
  for (const key in map) {
    const walked = walk(map[key])
    if (walked !== map[key]) (copy ??= { ...map })[key] = walked
  }
  return copy ?? map
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object' || value === null) return false
  for (const _ in value) return false
  return true
}
