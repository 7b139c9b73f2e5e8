import { expect, test } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { inPeace } from './start-container.ts'

test('a start that is under way when its Pod must stop comes to its end', async () => {
  const clock = new ManualClock()
  const stopping = new AbortController()
  const started = inPeace(stopping.signal, clock, async (late) => {
    await clock.sleep(1_000, late)
    return 'started'
  })
  stopping.abort()
  await clock.advance(1_000)
  expect(await started).toBe('started')
})

test('a start that does not come to its end is broken off', async () => {
  const clock = new ManualClock()
  const stopping = new AbortController()
  const started = inPeace(stopping.signal, clock, (late) => clock.sleep(60_000, late))
  started.catch(() => {}) // it is looked at when time has passed
  stopping.abort(new Error('enough'))
  await clock.advance(5_000)
  await expect(started).rejects.toThrow('enough')
})

test('nothing is started for a Pod that must stop already', async () => {
  await expect(
    inPeace(AbortSignal.abort(new Error('too late')), new ManualClock(), async () => 'started'),
  ).rejects.toThrow('too late')
})
