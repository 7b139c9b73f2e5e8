import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { createWorkQueue } from '../../base/work-queue.ts'
import { PacedQueue } from './pace.ts'

/** How often a key is worked in ten seconds in which it is added every 10 ms. */
async function worked(pods: number): Promise<number> {
  const clock = new ManualClock()
  const queue = createWorkQueue(clock)
  const paced = new PacedQueue(queue, clock)
  const stopping = new AbortController()
  let times = 0
  const working = (async () => {
    for await (const key of queue.take(stopping.signal)) {
      times += 1
      paced.begin(key, pods)
      queue.finish(key)
    }
  })().catch(() => {})
  for (let tick = 0; tick < 1_000; tick++) {
    paced.add('default/web')
    await clock.advance(10)
  }
  stopping.abort()
  await working
  return times
}

describe('PacedQueue', () => {
  const cases = [
    { pods: 3, times: 1_000 },
    { pods: 100, times: 200 },
    { pods: 1_000, times: 20 },
    { pods: 100_000, times: 4 },
  ]
  for (const { pods, times } of cases) {
    test(`works a key of ${pods} Pods ${times} times in ten busy seconds`, async () => {
      expect(Math.abs((await worked(pods)) - times)).toBeLessThanOrEqual(times / 5)
    })
  }

  test('works the first change at once', async () => {
    const clock = new ManualClock()
    const queue = createWorkQueue(clock)
    new PacedQueue(queue, clock).add('default/web')
    expect(queue.size).toBe(1)
  })
})
