/** Durable writes a second, alone and together, against the machine's own floor: write and fdatasync of a plain file. */

import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLmdbStorage } from '../src/storage/lmdb/lmdb-storage.ts'
import type { Storage } from '../src/storage/storage.ts'
import { memoryMiB, tell } from './figure.ts'

const VALUE = Buffer.alloc(1_000, 7)
const SECONDS = 2

/** Runs `once` for some seconds; the answer is how many a second. */
async function rate(once: (i: number) => Promise<void> | void): Promise<number> {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < SECONDS * 1_000) await once(count++)
  return (count * 1_000) / (performance.now() - start)
}

const write = async (storage: Storage, i: number) => {
  await storage.transact(
    [],
    [{ put: `/registry/pods/default/pod-${i % 10_000}`, value: () => ({ bytes: () => VALUE }) }],
  )
}

const folder = mkdtempSync(join(tmpdir(), 'gorae-bench-'))
try {
  const plain = openSync(join(folder, 'plain'), 'w')
  const floor = await rate((i) => {
    writeSync(plain, VALUE, 0, VALUE.length, i * VALUE.length)
    fdatasyncSync(plain)
  })
  closeSync(plain)
  tell({ what: 'plain file: writes with fdatasync, one after another', value: floor, unit: '/s' })

  const empty = memoryMiB()
  const storage = await openLmdbStorage(join(folder, 'data'))
  tell({ what: 'lmdb: writes one after another', value: await rate((i) => write(storage, i)), unit: '/s' })
  for (const sides of [32, 1_000]) {
    let next = 0
    const together = await rate(async () => {
      await Promise.all(Array.from({ length: sides }, () => write(storage, next++)))
    })
    tell({ what: `lmdb: writes, ${sides} at a time`, value: together * sides, unit: '/s' })
  }
  const compacting = performance.now()
  const revision = storage.revision
  await storage.compact(revision)
  tell({ what: 'lmdb: compaction', value: ((performance.now() - compacting) * 1_000) / revision, unit: 'µs/revision' })
  tell({ what: 'lmdb: memory after all those writes, compacted', value: memoryMiB() - empty, unit: 'MiB' })
  await storage.close()
  const opening = performance.now()
  const again = await openLmdbStorage(join(folder, 'data'))
  tell({ what: 'lmdb: opening with 10,000 keys', value: performance.now() - opening, unit: 'ms' })
  const reading = performance.now()
  const { entries } = await again.range({ prefix: '/registry/' })
  tell({
    what: 'lmdb: reading a key of a range',
    value: ((performance.now() - reading) * 1_000) / entries.length,
    unit: 'µs',
  })
  await again.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
