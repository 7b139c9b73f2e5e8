/** Copies of JSON values, several times as fast as `structuredClone` (https://html.spec.whatwg.org/multipage/structured-data.html). */

/** A copy at every depth, free to change. What is neither a plain object nor an array is cloned as the platform does. */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value)
  const copy: Record<string, unknown> = { ...value }
  for (const key of Object.keys(copy)) {
    const member = copy[key]
    if (typeof member === 'object' && member !== null) copy[key] = copyOf(member)
  }
  return copy
}
