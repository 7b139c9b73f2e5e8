/** Whether two JSON values say the same. Absent and undefined are one; key order does not count. */

export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  }
  return presentKeys(a) === presentKeys(b) && isWithin(a as JsonObject, b as JsonObject)
}

type JsonObject = Readonly<Record<string, unknown>>

/** Whether `b` says all that `a` says. */
function isWithin(a: JsonObject, b: JsonObject): boolean {
  for (const key of Object.keys(a)) {
    const value = a[key]
    if (value !== undefined && !(Object.hasOwn(b, key) && sameJson(value, b[key]))) return false
  }
  return true
}

/** How many keys have a value. */
function presentKeys(value: object): number {
  let count = 0
  for (const item of Object.values(value)) if (item !== undefined) count++
  return count
}

const presentEntries = (value: object) => Object.entries(value).filter(([, item]) => item !== undefined)

/** One text for one JSON value: keys sorted, absent values left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = presentEntries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}
