import { expect, test } from 'vitest'

import { ManualClock } from '../manual-clock.ts'
import { Wakeup } from './wakeup.ts'

const never = new AbortController().signal

/** What has happened to a wait so far. */
function followed(wait: Promise<void>): () => string {
  let now = 'waits'
  wait.then(
    () => (now = 'settled'),
    (error: unknown) => (now = String(error)),
  )
  return () => now
}

test('whoever waits goes on when woken, and when the time is over', async () => {
  const clock = new ManualClock()
  const wakeup = new Wakeup(clock)
  const [short, long] = [followed(wakeup.wait(1_000, never)), followed(wakeup.wait(9_000, never))]
  await clock.advance(1_000)
  expect([short(), long()]).toEqual(['settled', 'waits'])
  wakeup.wake()
  await clock.advance(0)
  expect(long()).toBe('settled')
})

test('waking wakes nobody who comes later', async () => {
  const clock = new ManualClock()
  const wakeup = new Wakeup(clock)
  wakeup.wake()
  const wait = followed(wakeup.wait(1_000, never))
  await clock.advance(999)
  expect(wait()).toBe('waits')
})

test('an aborted wait fails with the reason', async () => {
  const clock = new ManualClock()
  const stop = new AbortController()
  const wait = followed(new Wakeup(clock).wait(1_000, stop.signal))
  expect(wait()).toBe('waits')
  stop.abort('enough')
  await clock.advance(0)
  expect(wait()).toBe('enough')
})
