/** Copies of JSON values, several times as fast as `structuredClone` (https://html.spec.whatwg.org/multipage/structured-data.html). */

/** Objects of more keys are dictionaries to V8: key by key they are copied in two thirds of the time. */
export const WIDE = 500

/** A copy of a plain object of very many keys; what is in it is shared, or what `ofMember` says. */
export function wideCopy(object: object, ofMember?: (value: unknown) => unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(object)) {
    const member = (object as Readonly<Record<string, unknown>>)[key]
    const value = ofMember === undefined || typeof member === 'string' ? member : ofMember(member)
    if (key !== '__proto__') copy[key] = value
    else Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true })
  }
  return copy
}

/** A copy at every depth, free to change. What is neither a plain object nor an array is cloned as the platform does. */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value)
  const keys = Object.keys(value)
  if (keys.length >= WIDE) return wideCopy(value, copyOf)
  const copy: Record<string, unknown> = { ...value }
  for (const key of keys) {
    const member = copy[key]
    if (typeof member === 'object' && member !== null) copy[key] = copyOf(member)
  }
  return copy
}
