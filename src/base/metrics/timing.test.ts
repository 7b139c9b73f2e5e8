import { expect, test } from 'vitest'
import { TimingHistogram } from './timing.ts'

test('a timing histogram tells for how many nanoseconds something was no more than so much', () => {
  const times = new TimingHistogram([0, 0.5, 1], 0)
  times.set(0.5, 10)
  times.set(0.5, 12)
  times.set(2, 15)
  const told = times.samples({ level: 'a' }, 16).map(({ suffix, labels, value }) => [suffix, labels?.['le'], value])
  expect(told).toEqual([
    ['_bucket', '0', 10e6],
    ['_bucket', '0.5', 15e6],
    ['_bucket', '1', 15e6],
    ['_bucket', '+Inf', 16e6],
    ['_sum', undefined, (0.5 * 5 + 2) * 1e6],
    ['_count', undefined, 16e6],
  ])
})
