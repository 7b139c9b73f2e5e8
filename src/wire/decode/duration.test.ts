import { describe, expect, test } from 'vitest'
import { formatDuration, formatMilliseconds, parseDuration } from './duration.ts'

const written = [
  [0n, '0s'],
  [999n, '999ns'],
  [1_500n, '1.5µs'],
  [652_000_000n, '652ms'],
  [1_200_000_000n, '1.2s'],
  [62_500_000_000n, '1m2.5s'],
  [300_000_000_000n, '5m0s'],
  [3_600_000_000_000n, '1h0m0s'],
  [-90_000_000_000n, '-1m30s'],
  [2n ** 63n - 1n, '2562047h47m16.854775807s'],
] as const
for (const [nanos, text] of written) {
  test(`${nanos} nanoseconds are ${text}, and are read from it`, () => {
    expect(formatDuration(nanos)).toBe(text)
    expect(parseDuration(text)).toBe(nanos)
  })
}

describe('formatMilliseconds()', () => {
  const cases = [
    [0, '0s'],
    [0.25, '250µs'],
    [999.5, '999.5ms'],
    [62_500, '1m2.5s'],
  ] as const
  for (const [ms, text] of cases) test(`writes ${ms} as ${text}`, () => expect(formatMilliseconds(ms)).toBe(text))
})

describe('parseDuration()', () => {
  const cases = [
    ['+1h15m30.5s', 4_530_500_000_000n],
    ['.5s', 500_000_000n],
    ['1.s', 1_000_000_000n],
    ['1μs1us', 2_000n],
    ['0', 0n],
    ['-0', 0n],
  ] as const
  for (const [text, nanos] of cases) test(`reads ${text}`, () => expect(parseDuration(text)).toBe(nanos))

  const wrong = [
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['1h5', 'time: missing unit in duration "1h5"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1h-5m', 'time: unknown unit "h-" in duration "1h-5m"'],
    ['2562047h47m16.854775808s', 'time: invalid duration "2562047h47m16.854775808s"'],
  ] as const
  for (const [text, fault] of wrong) test(`refuses "${text}"`, () => expect(() => parseDuration(text)).toThrow(fault))
})
