/** Reads what an extender answers. Extenders are written in many languages: the case of names does not matter, as it does not to Go. */

/** A member of an object by its name, in whatever case. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  if (Object.hasOwn(value, name)) return (value as Readonly<Record<string, unknown>>)[name]
  const wanted = name.toLowerCase()
  return Object.entries(value).find(([key]) => key.toLowerCase() === wanted)?.[1]
}

/** The items of a list; none of anything else. */
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const numberOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : 0

/** The entries of an object as a map. */
export function entriesOf<T>(value: unknown, read: (value: unknown) => T): ReadonlyMap<string, T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map()
  return new Map(Object.entries(value).map(([key, item]) => [key, read(item)]))
}
