/** The part of the storage contract that is about watching and following. */

import { expect, test } from 'vitest'
import { Compacted, type Payload } from '../storage.ts'
import { TextPayload, type WithStore, never, put, take, textOf, write } from './samples.ts'

/** Changes reach those who watch or follow once each, in order, durable. */
export function testWatches(withStore: WithStore): void {
  test(
    'a watch from any revision tells every later change once, in order, with what was before',
    withStore(async (storage) => {
      await write(storage, put('/a', '1'), put('/b', '1'))
      await write(storage, put('/other', 'x'))
      await write(storage, put('/a', '2'))
      await write(storage, { delete: '/b' })
      const all = ['2 put /a 1', '2 put /b 1', '3 put /other x', '4 put /a 2', '5 delete /b']
      for (let revision = 1; revision < 5; revision++) {
        const expected = all.filter((line) => Number(line.split(' ')[0]) > revision)
        expect(await take(storage.watch('/', revision, never()), expected.length)).toEqual(expected)
      }
      for await (const batch of storage.watch('/a', 3, never())) {
        expect(batch.events.map((event) => textOf(event.previous))).toEqual(['1'])
        break
      }
      for await (const batch of storage.watch('/b', 4, never())) {
        expect(batch.events[0]).toMatchObject({ type: 'delete', key: '/b', revision: 5 })
        expect(batch.events[0]?.entry).toBeUndefined()
        expect(textOf(batch.events[0]?.previous)).toBe('1')
        break
      }
    }),
  )

  test(
    'a watch that replays the past goes over into the present without a gap or a repeat',
    withStore(async (storage) => {
      const rounds = 300
      for (let i = 0; i < 50; i++) await write(storage, put(`/n/${i}`, `${i}`))
      const reading = take(storage.watch('/n/', 1, never()), rounds)
      await Promise.all(Array.from({ length: rounds - 50 }, (_, i) => write(storage, put(`/n/${i}`, `again ${i}`))))
      const revisions = (await reading).map((line) => Number(line.split(' ')[0]))
      expect(revisions).toEqual(Array.from({ length: rounds }, (_, i) => i + 2))
    }),
  )

  test(
    'all changes of one transaction come in one batch, and a prefix sees only its own',
    withStore(async (storage) => {
      await write(storage, put('/a/1', '1'), put('/b/1', '1'), put('/a/2', '1'))
      for await (const batch of storage.watch('/a/', 1, never())) {
        expect(batch.revision).toBe(2)
        expect(batch.events.map((event) => event.key)).toEqual(['/a/1', '/a/2'])
        break
      }
    }),
  )

  test(
    'a watch of a quiet prefix learns in time how far the store has come',
    withStore(async (storage) => {
      await Promise.all(Array.from({ length: 600 }, (_, i) => write(storage, put(`/busy/${i}`, 'x'))))
      for await (const batch of storage.watch('/quiet/', 1, never())) {
        expect(batch.events).toEqual([])
        expect(batch.revision).toBeGreaterThan(100)
        break
      }
    }),
  )

  test(
    'a watch ends with the reason of its signal',
    withStore(async (storage) => {
      const controller = new AbortController()
      const reading = take(storage.watch('/', 1, controller.signal), 1)
      const reason = new Error('enough')
      queueMicrotask(() => controller.abort(reason))
      await expect(reading).rejects.toBe(reason)
    }),
  )

  test(
    'a watcher that has fallen behind the compaction is cut off',
    withStore(async (storage) => {
      const watch = storage.watch('/', 1, never())[Symbol.asyncIterator]()
      await write(storage, put('/a', '0'))
      await watch.next()
      let last = 0
      for (let i = 0; i < 400; i++) last = await write(storage, put('/a', `${i}`))
      await storage.compact(last)
      await expect(async () => {
        for (let i = 0; i < 500; i++) await watch.next()
      }).rejects.toThrow(Compacted)
    }),
  )

  test(
    'a follower is told of a change before the one who made it',
    withStore(async (storage) => {
      const order: string[] = []
      await write(storage, put('/x/before', '1'))
      const following = storage.follow('/x/', (batch) => {
        order.push(
          ...batch.events.map((event) => `told ${event.key} at ${batch.revision}, store at ${storage.revision}`),
        )
      })
      expect(following.revision).toBe(2)
      await write(storage, put('/y/1', '1'))
      await write(storage, put('/x/1', '1')).then(() => order.push('answered'))
      following.stop()
      await write(storage, put('/x/2', '1'))
      expect(order).toEqual(['told /x/1 at 4, store at 4', 'answered'])
    }),
  )

  test(
    'followers are told in the order of revisions, under concurrent writes too',
    withStore(async (storage) => {
      const told: number[] = []
      storage.follow('/', (batch) => told.push(batch.revision))
      await Promise.all(Array.from({ length: 200 }, (_, i) => write(storage, put(`/${i % 7}`, `${i}`))))
      expect(told).toEqual(Array.from({ length: 200 }, (_, i) => i + 2))
    }),
  )

  test(
    'a follower gets the very payload that was written, as entry and, while it is held, as what was before',
    withStore(async (storage) => {
      const [first, second] = [new TextPayload('1'), new TextPayload('2')]
      const seen: (Payload | undefined)[] = []
      storage.follow('/', (batch) => {
        for (const event of batch.events) seen.push(event.entry?.value, event.previous?.value)
      })
      await storage.transact([], [{ put: '/a', value: () => first }])
      await storage.transact([], [{ put: '/a', value: () => second }])
      expect(seen[0]).toBe(first)
      expect(seen[2]).toBe(second)
      expect(seen[3]).toBe(first)
    }),
  )
}
