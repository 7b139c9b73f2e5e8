/** Keys that a map of a YAML document has more than once. */

import { type Document, isMap, isNode, isScalar, type Node, type Pair, visit } from 'yaml'
import { goQuote } from '../../base/go-quote.ts'

/** So many are told. */
const MAX_TOLD = 100

export interface RepeatedKeys {
  /** The paths of keys that were there before, such as `metadata.name`, in the order of the text. */
  readonly paths: readonly string[]
  /** The same by their lines, in the words and in the order of Kubernetes's reader. */
  readonly sentences: readonly string[]
}

interface Found {
  readonly path: string
  readonly key: unknown
  readonly start: number
  readonly end: number
}

/**
 * The parser's own check compares each key of a map with all before it: of twenty thousand keys that takes seconds.
 */
export function repeatedKeys(document: Document, text: string): RepeatedKeys {
  const told: Found[] = []
  const seen = new Map<unknown, Set<unknown>>()
  visit(document, {
    Pair(_, pair, parents) {
      const { key, value } = pair
      if (!isScalar(key)) return undefined
      const map = parents.at(-1)
      const keys = seen.get(map) ?? new Set()
      if (keys.has(key.value)) {
        // It is told where its value begins.
        const [start = 0, end = 0] = (isNode(value) ? value.range : undefined) ?? key.range ?? []
        told.push({ path: pathOf([...parents, pair]), key: key.value, start, end })
      }
      if (told.length === MAX_TOLD) return visit.BREAK
      seen.set(map, keys.add(key.value))
      return undefined
    },
  })
  return { paths: told.map(({ path }) => path), sentences: sentencesOf(told, text) }
}

/** What is inside a value is told before the key that has it: that is how it is read. */
function sentencesOf(told: readonly Found[], text: string): string[] {
  const lines = new Map<Found, number>()
  let line = 1
  let at = 0
  for (const found of told) {
    for (; at < found.start; at++) if (text.charCodeAt(at) === 0x0a) line++
    lines.set(found, line)
  }
  const inner = (a: Found, b: Found) => a.end - b.end || b.start - a.start
  return told.toSorted(inner).map((found) => `line ${lines.get(found)}: key ${shown(found.key)} already set in map`)
}

const shown = (key: unknown) => (typeof key === 'string' ? goQuote(key) : String(key))

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
