/** Keys that a map of a YAML document has more than once. */

import { type Document, isMap, isScalar, type Node, type Pair, visit } from 'yaml'

/** So many are told. */
const MAX_TOLD = 100

/**
 * The paths of keys that were there before, such as `metadata.name`, in the order of the text. The parser's own check
 * compares each key of a map with all before it: of twenty thousand keys that takes seconds.
 */
export function repeatedKeys(document: Document): string[] {
  const told: string[] = []
  const seen = new Map<unknown, Set<unknown>>()
  visit(document, {
    Pair(_, pair, parents) {
      if (!isScalar(pair.key)) return undefined
      const map = parents.at(-1)
      const keys = seen.get(map) ?? new Set()
      if (keys.has(pair.key.value)) told.push(pathOf([...parents, pair]))
      if (told.length === MAX_TOLD) return visit.BREAK
      seen.set(map, keys.add(pair.key.value))
      return undefined
    },
  })
  return told
}

function pathOf(nodes: readonly (Document | Node | Pair)[]): string {
  let path = ''
  for (const [index, node] of nodes.entries()) {
    if ('items' in node) {
      const at = isMap(node) ? -1 : (node.items as unknown[]).indexOf(nodes[index + 1])
      if (at !== -1) path += `[${at}]`
    } else if ('key' in node && isScalar(node.key)) {
      path += path === '' ? String(node.key.value) : `.${String(node.key.value)}`
    }
  }
  return path
}
