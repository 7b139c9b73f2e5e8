import { describe, expect, test } from 'vitest'
import { humanDuration } from './human-duration.ts'

describe('humanDuration()', () => {
  const hour = 3600
  const day = 24 * hour
  const cases: readonly (readonly [seconds: number, text: string])[] = [
    [-5, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [312, '5m12s'],
    [601, '10m'],
    [3 * hour - 1, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 420, '3h7m'],
    [8 * hour + 60, '8h'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + 5 * hour, '2d5h'],
    [9 * day + 5 * hour, '9d'],
    [400 * day, '400d'],
    [3 * 365 * day + 20 * day, '3y20d'],
    [9 * 365 * day + 20 * day, '9y'],
  ]
  for (const [seconds, text] of cases) {
    test(`${seconds} seconds are ${text}`, () => expect(humanDuration(seconds * 1000)).toBe(text))
  }
})
