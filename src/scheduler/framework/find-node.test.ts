import { expect, test } from 'vitest'
import { nodesToFind } from './find-node.ts'

const cases = [
  { nodes: 99, percentage: 0, finds: 99 },
  { nodes: 100, percentage: 0, finds: 100 },
  { nodes: 1_000, percentage: 0, finds: 420 },
  { nodes: 5_000, percentage: 0, finds: 500 },
  { nodes: 6_000, percentage: 0, finds: 300 },
  { nodes: 1_000, percentage: 30, finds: 300 },
  { nodes: 1_000, percentage: 3, finds: 100 },
  { nodes: 1_000, percentage: 100, finds: 1_000 },
]
for (const { nodes, percentage, finds } of cases) {
  test(`looks for ${finds} of ${nodes} nodes at ${percentage === 0 ? 'no set' : percentage} percent`, () =>
    expect(nodesToFind(nodes, percentage)).toBe(finds))
}
