/** Writes JSON, whole 64-bit numbers (`bigint`) included. */

/** The JSON text of plain data. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return writeExactly(value)
  }
}

/** What `JSON.stringify` does, and `bigint` as a number; the built-in has no way to write those. */
function writeExactly(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(writeExactly).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${writeExactly(member)}`)
  return `{${members.join(',')}}`
}
