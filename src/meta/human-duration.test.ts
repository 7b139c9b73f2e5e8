import { expect, test } from 'vitest'
import { ageOf, humanDuration } from './human-duration.ts'

const S = 1000
const M = 60 * S
const H = 60 * M
const D = 24 * H
const cases: [ms: number, text: string][] = [
  [-5 * S, '<invalid>'],
  [-2 * S + 1, '0s'],
  [-1 * S, '0s'],
  [119 * S, '119s'],
  [2 * M, '2m'],
  [2 * M + 5 * S, '2m5s'],
  [10 * M + 5 * S, '10m'],
  [179 * M, '179m'],
  [3 * H, '3h'],
  [7 * H + 5 * M, '7h5m'],
  [8 * H + 5 * M, '8h'],
  [47 * H, '47h'],
  [2 * D + 3 * H, '2d3h'],
  [8 * D + 3 * H, '8d'],
  [729 * D, '729d'],
  [730 * D, '2y'],
  [800 * D, '2y70d'],
  [8 * 365 * D, '8y'],
]
for (const [ms, text] of cases) {
  test(`${ms} ms is ${text}`, () => expect(humanDuration(ms)).toBe(text))
}

test('a time that is not given has no age', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>')
  expect(ageOf('1970-01-01T00:00:00Z', 5 * S)).toBe('5s')
})
