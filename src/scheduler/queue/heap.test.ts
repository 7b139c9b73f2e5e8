import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../base/random.ts'
import { Heap } from './heap.ts'

interface Item {
  readonly key: string
  readonly rank: number
}

const heapOf = (items: readonly Item[]) => {
  const heap = new Heap<Item>(
    (item) => item.key,
    (a, b) => a.rank < b.rank,
  )
  items.forEach((item) => heap.put(item))
  return heap
}

const drained = (heap: Heap<Item>) => {
  const ranks: number[] = []
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) ranks.push(item.rank)
  return ranks
}

describe('Heap', () => {
  test('gives items smallest first, whatever order they came in, with removals from the middle', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 50; round++) {
      const items = Array.from({ length: 40 }, (_, index) => ({
        key: `k${index}`,
        rank: Math.floor(random.next() * 100),
      }))
      const heap = heapOf(items)
      const gone = items.filter(() => random.next() < 0.3)
      gone.forEach((item) => expect(heap.delete(item.key)).toBe(item))
      const left = items.filter((item) => !gone.includes(item)).map((item) => item.rank)
      expect(drained(heap)).toEqual(left.toSorted((a, b) => a - b))
    }
  })

  test('putting a key again replaces its item', () => {
    const heap = heapOf([
      { key: 'a', rank: 1 },
      { key: 'b', rank: 2 },
    ])
    heap.put({ key: 'a', rank: 3 })
    expect(heap.size).toBe(2)
    expect(drained(heap)).toEqual([2, 3])
  })
})
