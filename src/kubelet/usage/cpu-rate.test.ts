import { expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { CpuRates } from './cpu-rate.ts'

const BILLION = 1_000_000_000

test('a rate is known from the second look on, and kept for looks that follow at once', async () => {
  const clock = new ManualClock()
  const rates = new CpuRates(clock)
  expect(rates.rate('a', 0)).toBeUndefined()
  await clock.advance(10_000)
  expect(rates.rate('a', 5 * BILLION)).toBe(BILLION / 2)
  await clock.advance(500)
  expect(rates.rate('a', 9 * BILLION)).toBe(BILLION / 2)
})

test('a counter that began anew, or was not looked at for long, has no rate', async () => {
  const clock = new ManualClock()
  const rates = new CpuRates(clock)
  rates.rate('a', 5 * BILLION)
  await clock.advance(10_000)
  expect(rates.rate('a', BILLION)).toBeUndefined()
  await clock.advance(61_000)
  expect(rates.rate('a', 2 * BILLION)).toBeUndefined()
  rates.keepOnly(new Set())
  await clock.advance(10_000)
  expect(rates.rate('a', 3 * BILLION)).toBeUndefined()
})
