/** Path elements: how a field, an item of a set and a keyed item are named in a set of fields. */
import type { ListType } from './field-type.ts'

export type Value = unknown
export type ObjectValue = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The same few names come with every write: their elements are put together once, and found by identity. */
const elements = new Map<string, string>()
const MAX_ELEMENTS = 5_000

/** Fields by name. The prefix is what FieldsV1 has. */
export function fieldElement(name: string): string {
  let element = elements.get(name)
  if (element !== undefined) return element
  if (elements.size >= MAX_ELEMENTS) elements.clear()
  elements.set(name, (element = `f:${name}`))
  return element
}

/** The same of one of very many names, which are seldom seen again. */
export const rareElement = (name: string): string => `f:${name}`

/** Maps of so many members have names of their own. */
export const MANY = 1_000

/** What names an item of a list of this type; or why nothing does. */
export type ItemName =
  | { readonly element: string; readonly fault?: undefined }
  | { readonly element?: undefined; readonly fault: string }

export function itemName(item: unknown, type: ListType): ItemName {
  return type.relation === 'set' ? valueName(item) : keyedName(item, type)
}

/** The names of the items of two lists that have the same ones in the same order, each once: most that are written again. */
export function namesInStep(
  one: readonly unknown[],
  other: readonly unknown[],
  type: ListType,
): ReadonlySet<string> | undefined {
  if (one.length !== other.length) return undefined
  const names = new Set<string>()
  for (const [at, item] of one.entries()) {
    const { element } = itemName(item, type)
    if (element === undefined || element !== itemName(other[at], type).element) return undefined
    names.add(element)
  }
  return names.size === one.length ? names : undefined
}

function valueName(item: unknown): ItemName {
  if (item === null || item === undefined) {
    return { fault: "associative list without keys has an element that's an explicit null" }
  }
  if (Array.isArray(item)) return { fault: 'not supported: associative list with lists as elements' }
  if (typeof item === 'object') return { fault: "associative list without keys has an element that's a map type" }
  return { element: `v:${written(item)}` }
}

function keyedName(item: unknown, { keys, names = [] }: ListType): ItemName {
  if (item === null || item === undefined) {
    return { fault: 'associative list with keys may not have a null element' }
  }
  if (!isObject(item)) {
    return { fault: 'associative list with keys may not have non-map elements' }
  }
  let text = 'k:{'
  for (const key of keys) {
    const given = Object.hasOwn(item, key.name) ? item[key.name] : undefined
    const value = given === undefined ? key.default : given // a null that is given is a name like any other
    // Without it the item is another than with any.
    if (value === undefined) continue
    text += `${text.length > 3 ? ',' : ''}${JSON.stringify(key.name)}:${written(value)}`
  }
  if (text.length === 3 && keys.length > 0) {
    const all = names.map((name) => JSON.stringify(name)).join(' ')
    return {
      fault: `associative list with keys has an element that omits all key fields [${all}] (and doesn't have default values for any key fields)`,
    }
  }
  return { element: `${text}}` }
}

function written(value: unknown): string {
  return typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? 'null')
}

/** A path as messages show it: `.spec.containers[name="c"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('')
}

export function elementText(element: string): string {
  const rest = element.slice(2)
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`
    case 'k:':
      return `[${Object.entries(JSON.parse(rest) as object)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`
    case 'v:':
      return `[=${rest}]`
    default:
      return `[${rest}]`
  }
}
