import { expect, test } from 'vitest'
import { scaleToHundred } from './score-nodes.ts'

const cases = [
  { scores: [0, 1, 3], higher: [0, 33, 100], lower: [100, 67, 0] },
  { scores: [2, 3], higher: [66, 100], lower: [34, 0] },
  { scores: [0, 0], higher: [0, 0], lower: [100, 100] },
]
for (const { scores, higher, lower } of cases) {
  test(`scales ${scores.join(', ')}, cutting off fractions`, () => {
    const [up, down] = [[...scores], [...scores]]
    scaleToHundred(up, false)
    scaleToHundred(down, true)
    expect(up).toEqual(higher)
    expect(down).toEqual(lower)
  })
}
