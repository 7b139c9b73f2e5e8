import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { workQueueFamilies } from './metrics/work-queues.ts'
import { again, createWorkQueue } from './work-queue.ts'

function taking(queue = createWorkQueue(new ManualClock())) {
  const stopping = new AbortController()
  const iterator = queue.take(stopping.signal)[Symbol.asyncIterator]()
  return { next: async () => (await iterator.next()).value as string, stopping, iterator }
}

describe('a work queue', () => {
  test('hands out keys in the order in which they came, each once', async () => {
    const queue = createWorkQueue(new ManualClock())
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
    expect(queue.size).toBe(3)
    const { next } = taking(queue)
    expect([await next(), await next(), await next()]).toEqual(['a', 'b', 'c'])
  })

  test('never hands out a key that is being worked; one added meanwhile comes afterwards', async () => {
    const queue = createWorkQueue(new ManualClock())
    const [one, other] = [taking(queue), taking(queue)]
    queue.add('a')
    expect(await one.next()).toBe('a')
    queue.add('a')
    queue.add('b')
    expect(await other.next()).toBe('b')
    expect(queue.size).toBe(0)
    queue.finish('a')
    expect(queue.size).toBe(1)
    expect(await one.next()).toBe('a')
    queue.finish('a')
    expect(queue.size).toBe(0)
  })

  test('waits longer after each failure of a key, up to a limit, and not at all after a success', async () => {
    const clock = new ManualClock(0)
    const queue = createWorkQueue(clock, { baseMs: 5, maxMs: 30 })
    const { next, stopping } = taking(queue)
    queue.add('a')
    const waits: number[] = []
    for (let failure = 0; failure < 5; failure++) {
      await next()
      const failedMs = clock.now()
      queue.retry('a')
      while (queue.pending > 0) await clock.advance(1)
      waits.push(clock.now() - failedMs)
    }
    await next()
    expect(queue.failures('a')).toBe(5)
    queue.finish('a')
    expect(queue.failures('a')).toBe(0)
    stopping.abort()
    expect(waits).toEqual([5, 10, 20, 30, 30])
  })

  test('wakes a key when it said, or earlier when something happens', async () => {
    const clock = new ManualClock(0)
    const queue = createWorkQueue(clock)
    const { next, stopping } = taking(queue)
    queue.add('a')
    await next()
    queue.finish('a', again(1_000))
    await clock.advance(999)
    expect(queue.size + queue.working).toBe(0)
    const woken = next()
    await clock.advance(1)
    expect(await woken).toBe('a')
    queue.finish('a')
    queue.addAfter('b', 500)
    queue.addAfter('b', 100)
    queue.addAfter('b', 300)
    const early = next()
    await clock.advance(100)
    expect(await early).toBe('b')
    stopping.abort()
    expect(queue.pending).toBe(0)
  })

  test('leaves no timer when nobody takes, and goes on when somebody does', async () => {
    const clock = new ManualClock(0)
    const queue = createWorkQueue(clock)
    const first = taking(queue)
    const ended = first.iterator.next()
    queue.addAfter('a', 100)
    await clock.settle()
    expect(clock.pending).toBe(1)
    first.stopping.abort(new Error('stopped'))
    await expect(ended).rejects.toThrow('stopped')
    expect(clock.pending).toBe(0)
    const second = taking(queue)
    const next = second.next()
    await clock.advance(100)
    expect(await next).toBe('a')
    second.stopping.abort()
  })

  test('a key handed to a worker that leaves is not lost', async () => {
    const queue = createWorkQueue(new ManualClock())
    const [leaver, stayer] = [taking(queue), taking(queue)]
    const [left, got] = [leaver.iterator.next(), stayer.next()]
    await Promise.resolve()
    queue.add('a')
    leaver.stopping.abort(new Error('left'))
    await left.catch(() => {})
    const key = await Promise.race([got, left.then((result) => result.value as string)])
    expect(key).toBe('a')
    stayer.stopping.abort()
  })

  test('tells how often and how long keys waited and were worked', async () => {
    const clock = new ManualClock(0)
    const queue = createWorkQueue(clock)
    const { next } = taking(queue)
    for (const key of ['a', 'a', 'b']) queue.add(key)
    await clock.advance(2_000)
    await next()
    queue.add('a')
    await clock.advance(500)
    expect(queue.measures.unfinished()).toEqual([0.5])
    queue.retry('a')
    const told = Object.fromEntries(
      workQueueFamilies(new Map([['own', queue]])).flatMap(({ name, samples }) =>
        samples
          .filter(({ suffix }) => suffix !== '_bucket')
          .map(({ suffix = '', labels, value }) => [`${name}${suffix} ${labels?.['name']}`, value]),
      ),
    )
    expect(told).toMatchObject({
      'workqueue_adds_total own': 3,
      'workqueue_depth own': 2,
      'workqueue_retries_total own': 1,
      'workqueue_unfinished_work_seconds own': 0,
      'workqueue_queue_duration_seconds_sum own': 2,
      'workqueue_work_duration_seconds_sum own': 0.5,
      'workqueue_work_duration_seconds_count own': 1,
    })
  })
})
