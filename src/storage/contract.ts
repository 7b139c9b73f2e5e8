/** The contract of every storage engine, as tests. An engine's own test file calls this with a way to open it. */

import { expect, test } from 'vitest'
import { testData } from './contract/data.ts'
import { type WithStore, never, put, take, write } from './contract/samples.ts'
import { testWatches } from './contract/watches.ts'
import { StorageError } from './errors.ts'
import type { Storage } from './storage.ts'

/** Every test opens a store of its own, empty, and closes it at the end. */
export function testStorageContract(open: () => Promise<Storage>): void {
  const withStore: WithStore = (body) => async () => {
    const storage = await open()
    try {
      await body(storage)
    } finally {
      await storage.close()
    }
  }
  testData(withStore)
  testWatches(withStore)

  test('after closing, every call says so and watches end', async () => {
    const storage = await open()
    await write(storage, put('/a', '1'))
    const ended = take(storage.watch('/', 2, never()), 1).catch((error: unknown) => error)
    const pending = storage.transact([], [put('/b', '1')])
    await storage.close()
    await storage.close()
    expect((await pending).succeeded).toBe(true) // what was asked before closing is done
    expect(await ended).toBeInstanceOf(StorageError)
    await expect(storage.get('/a')).rejects.toThrow('closed')
    await expect(storage.range({ prefix: '/' })).rejects.toThrow('closed')
    await expect(storage.transact([], [put('/a', '2')])).rejects.toThrow('closed')
    await expect(storage.compact(1)).rejects.toThrow('closed')
    await expect(take(storage.watch('/', 1, never()), 1)).rejects.toThrow('closed')
  })
}
