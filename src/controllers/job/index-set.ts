/** Sets of completion indexes as a Job's status writes them, e.g. `1,3-5,7`. */

/** The indexes below `limit` that the text names; what cannot be read is left out. */
export function parseIndexes(text: string | undefined, limit: number): Set<number> {
  const indexes = new Set<number>()
  if (text === undefined || text === '') return indexes
  for (const part of text.split(',')) {
    const match = /^([0-9]{1,9})(?:-([0-9]{1,9}))?$/.exec(part)
    if (match === null) continue
    const first = Number(match[1])
    const last = Math.min(match[2] === undefined ? first : Number(match[2]), limit - 1)
    for (let index = first; index <= last; index++) indexes.add(index)
  }
  return indexes
}

/** Two neighbours stay apart (`1,2`), three make a range (`1-3`). */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].toSorted((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < sorted.length;) {
    let end = at
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    const first = sorted[at]
    const last = sorted[end]
    if (end === at) parts.push(`${first}`)
    else parts.push(end === at + 1 ? `${first},${last}` : `${first}-${last}`)
    at = end + 1
  }
  return parts.join(',')
}
