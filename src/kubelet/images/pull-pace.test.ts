import { expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { PullPace } from './pull-pace.ts'

test('after a burst pulls follow each other at the pace, in the order in which they came', async () => {
  const clock = new ManualClock()
  const pace = new PullPace(clock, 5, 2)
  const began: string[] = []
  const signal = new AbortController().signal
  const pulls = ['a', 'b', 'c', 'd'].map((name) => pace.next(signal).then(() => began.push(name)))
  await clock.advance(0)
  expect(began).toEqual(['a', 'b'])
  await clock.advance(199)
  expect(began).toEqual(['a', 'b'])
  await clock.advance(1)
  expect(began).toEqual(['a', 'b', 'c'])
  await clock.advance(200)
  expect(began).toEqual(['a', 'b', 'c', 'd'])
  await Promise.all(pulls)
})

test('without a pace nobody waits', async () => {
  const clock = new ManualClock()
  const pace = new PullPace(clock, 0, 1)
  await Promise.all(Array.from({ length: 100 }, () => pace.next(new AbortController().signal)))
  expect(clock.pending).toBe(0)
})

test('one pull may always begin at once', async () => {
  const clock = new ManualClock()
  const pace = new PullPace(clock, 5, 0)
  await pace.next(new AbortController().signal)
  expect(clock.pending).toBe(0)
})
