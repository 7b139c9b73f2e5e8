import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { put, write } from '../contract/samples.ts'
import { Compacted } from '../storage.ts'
import { Journal } from './journal.ts'
import { openLmdbStorage } from './lmdb-storage.ts'
import { logKey } from './records.ts'

const mounted: string[] = []

/** A small disk of its own needs the right to mount one. */
const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'gorae-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'gorae-test', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
})()

beforeEach(() => {
  const disk = mkdtempSync(join(tmpdir(), 'gorae-disk-'))
  if (canMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'gorae-test', disk])
  mounted.push(disk)
})

afterEach(() => {
  for (const disk of mounted.splice(0)) {
    if (canMount) execFileSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  }
})

test.skipIf(!canMount)(
  'a full disk refuses writes and says so; what was acknowledged stays, and writes go on with space',
  async () => {
    const [disk = ''] = mounted
    const storage = await openLmdbStorage(join(disk, 'data'))
    const told: number[] = []
    storage.follow('/', ({ revision }) => told.push(revision))
    const big = 'x'.repeat(20_000)
    let written = 0
    const fill = async () => {
      for (; written < 1_000; written++) await write(storage, put(`/${written}`, big))
    }
    await expect(fill()).rejects.toThrow(`no space is left on the disk of ${disk}`)
    const full = storage.revision
    await expect(write(storage, put('/more', big))).rejects.toMatchObject({ fault: 'full' })
    expect(storage.revision).toBe(full)
    expect((await storage.range({ prefix: '/' })).entries).toHaveLength(written)

    execFileSync('mount', ['-o', 'remount,size=20m', disk])
    expect(await write(storage, put('/more', big))).toBe(full + 1)
    expect(told).toEqual(Array.from({ length: full }, (_, i) => i + 2))
    await storage.close()
    const reopened = await openLmdbStorage(join(disk, 'data'))
    expect((await reopened.range({ prefix: '/' })).entries).toHaveLength(written + 1)
    await reopened.close()
  },
)

test.skipIf(!canMount)(
  'compaction goes on while a disk is full, in memory alone, and frees the disk once there is room',
  async () => {
    const [disk = ''] = mounted
    const said: string[] = []
    const log = createLog(({ message }) => said.push(message))
    const storage = await openLmdbStorage(join(disk, 'data'), { log })
    const fill = async (size: number) => {
      for (let i = 0; i < 2_000; i++) await write(storage, put(`/${i % 5}`, 'x'.repeat(size)))
    }
    for (const size of [20_000, 1_000]) await expect(fill(size)).rejects.toMatchObject({ fault: 'full' })
    const full = storage.revision
    await storage.compact(full)
    await expect(storage.range({ prefix: '/', revision: full - 1 })).rejects.toThrow(Compacted)
    expect((await storage.range({ prefix: '/' })).entries).toHaveLength(5)
    expect(said).toContain('the database takes no changes, and the journal keeps them')

    execFileSync('mount', ['-o', 'remount,size=20m', disk])
    await write(storage, put('/0', '1'))
    await storage.compact(full + 1)
    await storage.close()
    const reopened = await openLmdbStorage(join(disk, 'data'))
    expect((await reopened.range({ prefix: '/' })).entries.map(({ key }) => key)).toEqual([
      '/0',
      '/1',
      '/2',
      '/3',
      '/4',
    ])
    await expect(reopened.range({ prefix: '/', revision: full })).rejects.toThrow(Compacted)
    await reopened.close()
  },
)

test.skipIf(!canMount)(
  'a write to the journal that failed is made over in the same file, whatever comes meanwhile',
  async () => {
    const [disk = ''] = mounted
    const journal = new Journal(disk)
    const append = (revision: number, bytes: number) =>
      journal.append([{ logKey: logKey(revision, 0), logValue: Buffer.alloc(bytes, 'x') }], {
        after: revision - 1,
        last: revision,
      })
    await append(2, 100)
    writeFileSync(join(disk, 'filler'), Buffer.alloc(2_700_000))
    await expect(append(3, 500_000)).rejects.toMatchObject({ code: 'ENOSPC' })
    journal.turn() // to the other file, if it did not hold a revision that may be given out again
    journal.release(2)
    rmSync(join(disk, 'filler'))
    await append(3, 10)
    await append(4, 10)
    expect(journal.files().map(({ frames }) => frames.map(({ last }) => last))).toEqual([[2, 3, 4], []])
    journal.close()
  },
)
