/** The part of the storage contract that is about writing and reading. */

import { expect, test } from 'vitest'
import { Compacted, FutureRevision, type Operation } from '../storage.ts'
import { TextPayload, standing, type WithStore, never, put, take, textOf, write } from './samples.ts'

/** Revisions, transactions, ranges, the past, compaction. */
export function testData(withStore: WithStore): void {
  test(
    'an empty store is at revision 1, and every change moves it by one',
    withStore(async (storage) => {
      expect(storage.revision).toBe(1)
      expect(await write(storage, put('/a', '1'))).toBe(2)
      expect(await write(storage, put('/a', '2'), put('/b', '1'))).toBe(3)
      expect(await write(storage, { delete: '/a' })).toBe(4)
      expect(storage.revision).toBe(4)
    }),
  )

  test(
    'an entry tells when it was created and last changed; a key made anew is created anew',
    withStore(async (storage) => {
      await write(storage, put('/a', '1'))
      await write(storage, put('/a', '2'))
      expect(await storage.get('/a')).toMatchObject({ key: '/a', createRevision: 2, modRevision: 3 })
      await write(storage, { delete: '/a' })
      expect(await storage.get('/a')).toBeUndefined()
      await write(storage, put('/a', '3'))
      expect(await storage.get('/a')).toMatchObject({ createRevision: 5, modRevision: 5 })
    }),
  )

  test(
    'the value is made with the revision it is written at',
    withStore(async (storage) => {
      await storage.transact([], [{ put: '/a', value: (revision) => new TextPayload(`at ${revision}`) }])
      expect(textOf(await storage.get('/a'))).toBe('at 2')
    }),
  )

  test(
    'a transaction whose compare fails changes nothing and answers what stands',
    withStore(async (storage) => {
      const created = await write(storage, put('/a', '1'))
      const lost = await storage.transact(
        [
          { key: '/a', modRevision: 0 },
          { key: '/none', modRevision: 0 },
        ],
        [put('/a', '2')],
      )
      expect(lost).toMatchObject({ succeeded: false, revision: created })
      expect(standing(lost).map(textOf)).toEqual(['1', undefined])
      expect(textOf(await storage.get('/a'))).toBe('1')
      const won = await storage.transact([{ key: '/a', modRevision: created }], [put('/a', '2')])
      expect(won).toEqual({ succeeded: true, revision: created + 1 })
    }),
  )

  test(
    'deleting what is not there is no change',
    withStore(async (storage) => {
      expect(await storage.transact([], [{ delete: '/none' }])).toEqual({ succeeded: true, revision: 1 })
      expect(storage.revision).toBe(1)
    }),
  )

  test(
    'a transaction may not name a key twice, nor one that is empty or too long',
    withStore(async (storage) => {
      await expect(storage.transact([], [put('/a', '1'), { delete: '/a' }])).rejects.toThrow('there twice')
      await expect(storage.transact([], [put('', '1')])).rejects.toThrow('storage key')
      await expect(storage.transact([], [put('/'.repeat(5_000), '1')])).rejects.toThrow('storage key')
      expect(storage.revision).toBe(1)
    }),
  )

  test(
    'a value that cannot be made fails its own transaction only',
    withStore(async (storage) => {
      const broken: Operation = {
        put: '/broken',
        value: () => {
          throw new Error('no such value')
        },
      }
      const results = await Promise.allSettled([
        storage.transact([], [put('/a', '1')]),
        storage.transact([], [put('/b', '1'), broken]),
        storage.transact([], [put('/c', '1')]),
      ])
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await storage.range({ prefix: '/' })).entries.map((entry) => entry.key)).toEqual(['/a', '/c'])
      expect(storage.revision).toBe(3)
    }),
  )

  test(
    'of many who compare with the same revision at once, one wins each round',
    withStore(async (storage) => {
      const start = await write(storage, put('/counter', '0'))
      const racers = Array.from({ length: 50 }, (_, i) =>
        storage.transact([{ key: '/counter', modRevision: start }], [put('/counter', `${i}`)]),
      )
      const results = await Promise.all(racers)
      expect(results.filter((result) => result.succeeded)).toHaveLength(1)
      const seen = results.filter((result) => !result.succeeded).map((result) => standing(result)[0]?.modRevision)
      expect(new Set(seen)).toEqual(new Set([start + 1]))
    }),
  )

  test(
    'increments by compare-and-set from many sides are all counted',
    withStore(async (storage) => {
      await write(storage, put('/counter', '0'))
      const increment = async () => {
        for (;;) {
          const entry = await storage.get('/counter')
          const next = `${Number(textOf(entry)) + 1}`
          const tried = await storage.transact(
            [{ key: '/counter', modRevision: entry?.modRevision ?? 0 }],
            [put('/counter', next)],
          )
          if (tried.succeeded) return
        }
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      expect(textOf(await storage.get('/counter'))).toBe('20')
    }),
  )

  test(
    'a range is ordered by the bytes of its keys',
    withStore(async (storage) => {
      // By UTF-16 code units the emoji would sort before U+FF5E; by bytes it comes last.
      const keys = ['/a', '/a-b', '/a/b', '/ab', '/가', '/\uff5e', '/\u{1f433}']
      for (const key of keys.toReversed()) await write(storage, put(key, key))
      expect((await storage.range({ prefix: '/' })).entries.map((entry) => entry.key)).toEqual(keys)
      expect((await storage.range({ prefix: '/a/' })).entries.map((entry) => entry.key)).toEqual(['/a/b'])
    }),
  )

  test(
    'a range is cut by limit and goes on from a key, and says how many are left',
    withStore(async (storage) => {
      for (const key of ['/x/1', '/x/2', '/x/3', '/x/4', '/y/1']) await write(storage, put(key, key))
      const first = await storage.range({ prefix: '/x/', limit: 2 })
      expect(first.entries.map((entry) => entry.key)).toEqual(['/x/1', '/x/2'])
      expect(first.remaining).toBe(2)
      expect(first.revision).toBe(6)
      const rest = await storage.range({ prefix: '/x/', from: '/x/2\0', limit: 2 })
      expect(rest.entries.map((entry) => entry.key)).toEqual(['/x/3', '/x/4'])
      expect(rest.remaining).toBe(0)
    }),
  )

  test(
    'a range over thousands of keys is whole and ordered, whatever the order of writing',
    withStore(async (storage) => {
      const keys = Array.from({ length: 3_000 }, (_, i) => `/k/${String((i * 7_919) % 3_000).padStart(5, '0')}`)
      await Promise.all(keys.map((key) => storage.transact([], [put(key, key)])))
      await Promise.all(keys.filter((_, i) => i % 3 === 0).map((key) => storage.transact([], [{ delete: key }])))
      const { entries } = await storage.range({ prefix: '/k/' })
      const left = keys.filter((_, i) => i % 3 !== 0).toSorted()
      expect(entries.map((entry) => entry.key)).toEqual(left)
      const page = await storage.range({ prefix: '/k/', from: left[700] ?? '', limit: 3 })
      expect(page.entries.map((entry) => entry.key)).toEqual(left.slice(700, 703))
      expect(page.remaining).toBe(left.length - 703)
    }),
  )

  test(
    'a read at a revision sees the past: values, deleted keys, and not what came later',
    withStore(async (storage) => {
      const first = await write(storage, put('/a', '1'), put('/b', '1'))
      const second = await write(storage, put('/a', '2'))
      const third = await write(storage, { delete: '/b' }, put('/c', '1'))
      const at = async (revision: number) =>
        (await storage.range({ prefix: '/', revision })).entries.map((entry) => `${entry.key}=${textOf(entry)}`)
      expect(await at(first)).toEqual(['/a=1', '/b=1'])
      expect(await at(second)).toEqual(['/a=2', '/b=1'])
      expect(await at(third)).toEqual(['/a=2', '/c=1'])
      const paged = await storage.range({ prefix: '/', revision: first, limit: 1 })
      expect(paged).toMatchObject({ revision: third, remaining: 1 })
      await expect(at(third + 1)).rejects.toThrow(FutureRevision)
    }),
  )

  test(
    'compaction drops the past and keeps the present',
    withStore(async (storage) => {
      await write(storage, put('/a', '1'))
      const kept = await write(storage, put('/a', '2'), put('/b', '1'))
      await write(storage, { delete: '/b' })
      const last = await write(storage, put('/c', '1'))
      await storage.compact(kept)
      await expect(storage.range({ prefix: '/', revision: kept - 1 })).rejects.toThrow(Compacted)
      const then = await storage.range({ prefix: '/', revision: kept })
      expect(then.entries.map((entry) => `${entry.key}=${textOf(entry)}`)).toEqual(['/a=2', '/b=1'])
      expect(await take(storage.watch('/', kept, never()), 2)).toEqual(['4 delete /b', '5 put /c 1'])
      await expect(take(storage.watch('/', kept - 1, never()), 1)).rejects.toThrow(Compacted)

      await storage.compact(last)
      expect((await storage.range({ prefix: '/' })).entries.map((entry) => `${entry.key}=${textOf(entry)}`)).toEqual([
        '/a=2',
        '/c=1',
      ])
      expect(await write(storage, put('/d', '1'))).toBe(last + 1)
      await storage.compact(kept) // nothing left to do: no harm
      await expect(storage.compact(last + 9)).rejects.toThrow(FutureRevision)
    }),
  )

  test(
    'a value may be empty, hold any byte, and be large',
    withStore(async (storage) => {
      const values = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, i) => i),
        new Uint8Array(3_000_000).fill(7),
      ]
      for (const [i, bytes] of values.entries()) {
        await storage.transact([], [{ put: `/${i}`, value: () => ({ bytes: () => bytes }) }])
      }
      for (const [i, bytes] of values.entries()) {
        const entry = await storage.get(`/${i}`)
        expect(Buffer.compare(Buffer.from(entry?.value.bytes() ?? [1]), bytes)).toBe(0)
      }
    }),
  )
}
