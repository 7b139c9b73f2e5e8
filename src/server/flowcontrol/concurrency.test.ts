import { describe, expect, test } from 'vitest'
import { divideSeats, mostSeats, type SeatDemand, seatLimits, sharesOf } from './concurrency.ts'
import { defaultPriorityLevels } from './defaults.ts'

test('the default levels divide 600 seats as the documentation has it', () => {
  const levels = defaultPriorityLevels()
  const shareSum = levels.reduce((sum, { spec }) => sum + sharesOf(spec!), 0)
  const limits = Object.fromEntries(
    levels.map(({ metadata, spec }) => {
      const { nominal, lower, upper } = seatLimits(spec!, 600, shareSum)
      return [metadata.name, [nominal, lower, upper]]
    }),
  )
  expect(limits).toEqual({
    exempt: [0, 0, 600],
    'catch-all': [13, 13, 613],
    system: [74, 50, 674],
    'node-high': [98, 73, 698],
    'leader-election': [25, 25, 625],
    'workload-high': [98, 49, 698],
    'workload-low': [245, 24, 845],
    'global-default': [49, 24, 649],
  })
})

test('a level borrows no more than it may', () => {
  const limited = { nominalConcurrencyShares: 10, lendablePercent: 0, borrowingLimitPercent: 50 }
  expect(seatLimits({ type: 'Limited', limited }, 100, 100)).toEqual({ nominal: 10, lower: 10, upper: 15 })
})

test.each([
  [49, 6, 8],
  [13, 4, 2],
  [3, 8, 1],
  [600, 8, 75],
])('of %i seats one request gets at most those that flows with %i queues leave: %i', (nominal, hand, most) => {
  expect(mostSeats(nominal, hand)).toBe(most)
})

describe('divided seats', () => {
  const level = (nominal: number, lends: number, wants: number, smoothed = wants): SeatDemand => ({
    isExempt: false,
    limits: { nominal, lower: nominal - lends, upper: 1_000 },
    highWatermark: wants,
    smoothed,
  })
  const sum = (seats: readonly number[]) => seats.reduce((all, one) => all + one, 0)

  test('of a level that asks for nothing go to one that asks for more, but for what it keeps', () => {
    const { seats, fairFraction } = divideSeats([level(50, 40, 0), level(50, 40, 200)])
    expect(seats).toEqual([10, 90])
    expect(fairFraction).toBeCloseTo(0.45)
  })

  test('come back at once to a level that needs its own', () => {
    expect(divideSeats([level(50, 40, 50, 20), level(50, 40, 200)]).seats).toEqual([50, 50])
  })

  test('are given to all, even if nobody asks', () => {
    expect(sum(divideSeats([level(50, 25, 0), level(30, 30, 0), level(20, 0, 0)]).seats)).toBe(100)
  })

  test('are fewer for all where exempt requests take them, down to what each keeps', () => {
    const exempt = (wants: number): SeatDemand => ({
      isExempt: true,
      limits: { nominal: 0, lower: 0, upper: 100 },
      highWatermark: wants,
      smoothed: wants,
    })
    const others = [level(50, 40, 50), level(50, 40, 50)]
    expect(divideSeats([exempt(40), ...others]).seats).toEqual([40, 30, 30])
    expect(divideSeats([exempt(95), ...others]).seats).toEqual([95, 10, 10])
  })
})
