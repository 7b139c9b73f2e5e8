import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { testStorageContract } from '../contract.ts'
import { put, take, textOf, write } from '../contract/samples.ts'
import { StorageError } from '../errors.ts'
import { Compacted } from '../storage.ts'
import { openLmdbStorage } from './lmdb-storage.ts'

const folders: string[] = []

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gorae-lmdb-'))
  folders.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const never = () => new AbortController().signal

async function faultOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => new Error('it opened'),
    (reason: unknown) => reason,
  )
  return error instanceof StorageError ? error.fault : String(error)
}

describe('storage contract: lmdb', () => {
  testStorageContract(() => openLmdbStorage(freshFolder()))
})

describe('an lmdb store opened again', () => {
  test('has all values, revisions and history', async () => {
    const folder = freshFolder()
    const before = await openLmdbStorage(folder)
    await write(before, put('/a', '1'), put('/b', '1'))
    await write(before, put('/a', '2'))
    await write(before, { delete: '/b' })
    await write(before, put('/b', '2'))
    await before.close()

    const after = await openLmdbStorage(folder)
    expect(after.revision).toBe(5)
    expect(await after.get('/a')).toMatchObject({ createRevision: 2, modRevision: 3 })
    expect(await after.get('/b')).toMatchObject({ createRevision: 5, modRevision: 5 })
    const then = await after.range({ prefix: '/', revision: 2 })
    expect(then.entries.map((entry) => `${entry.key}=${textOf(entry)}`)).toEqual(['/a=1', '/b=1'])
    expect((await after.range({ prefix: '/', revision: 4 })).entries.map(textOf)).toEqual(['2'])
    expect(await take(after.watch('/', 1, never()), 5)).toEqual([
      '2 put /a 1',
      '2 put /b 1',
      '3 put /a 2',
      '4 delete /b',
      '5 put /b 2',
    ])
    expect(await write(after, put('/c', '1'))).toBe(6)
    await after.close()
  })

  test('remembers its compaction, and its revision even when nothing is left', async () => {
    const folder = freshFolder()
    const before = await openLmdbStorage(folder)
    await write(before, put('/a', '1'))
    await write(before, put('/kept', '1'))
    await write(before, put('/kept', '2'))
    const last = await write(before, { delete: '/a' })
    await before.compact(last)
    await before.close()

    const after = await openLmdbStorage(folder)
    expect(after.revision).toBe(last)
    expect((await after.range({ prefix: '/' })).entries.map((entry) => `${entry.key}=${textOf(entry)}`)).toEqual([
      '/kept=2',
    ])
    await expect(take(after.watch('/', last - 1, never()), 1)).rejects.toThrow(Compacted)
    await write(after, put('/kept', '3'))
    for await (const { events } of after.watch('/', last, never())) {
      expect(textOf(events[0]?.previous)).toBe('2')
      break
    }
    await after.close()
  })

  test('replays a past longer than memory keeps, from any revision', async () => {
    const folder = freshFolder()
    const storage = await openLmdbStorage(folder)
    const count = 3_000
    await Promise.all(Array.from({ length: count }, (_, i) => write(storage, put(`/${i % 10}`, `${i}`))))
    for (const since of [1, 700, 1_500, 2_990]) {
      const lines = await take(storage.watch('/', since, never()), count + 1 - since)
      expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(
        Array.from({ length: count + 1 - since }, (_, i) => since + 1 + i),
      )
    }
    await storage.close()
  })

  test('gives the space of what compaction dropped back to later writes', async () => {
    const folder = freshFolder()
    const storage = await openLmdbStorage(folder)
    const big = 'x'.repeat(3_000)
    let size = 0
    for (let round = 0; round < 8; round++) {
      await Promise.all(Array.from({ length: 300 }, (_, i) => write(storage, put(`/${i}`, big))))
      await storage.compact(storage.revision)
      if (round === 3) size = statSync(join(folder, 'data.mdb')).size
    }
    expect(statSync(join(folder, 'data.mdb')).size).toBeLessThan(size * 1.5)
    await storage.close()
  })
})

describe('a data folder', () => {
  test('is used by one server at a time, and free again when that one closes', async () => {
    const folder = freshFolder()
    const first = await openLmdbStorage(folder)
    await expect(openLmdbStorage(folder)).rejects.toThrow(`in use by process ${process.pid}`)
    expect(await faultOf(openLmdbStorage(folder))).toBe('locked')
    await first.close()
    await (await openLmdbStorage(folder)).close()
    expect(readdirSync(folder).filter((name) => name.startsWith('lock.'))).toHaveLength(1)
  })

  const abandoned = [
    { whose: 'a process that is gone', content: '{"pid":4194303,"identity":"x","released":false}' },
    {
      whose: 'another process that now has the same number',
      content: `{"pid":${process.pid},"identity":"then","released":false}`,
    },
    { whose: 'nobody readable', content: '{"pi' },
  ]
  for (const { whose, content } of abandoned) {
    test(`opens over the lock of ${whose}`, async () => {
      const folder = freshFolder()
      await (await openLmdbStorage(folder)).close()
      writeFileSync(join(folder, 'lock.7'), content)
      const storage = await openLmdbStorage(folder)
      expect(storage.revision).toBe(1)
      await storage.close()
    })
  }

  test('with other files in it is refused and left alone', async () => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'thesis.txt'), 'years of work')
    expect(await faultOf(openLmdbStorage(folder))).toBe('foreign')
    expect(readdirSync(folder)).toEqual(['thesis.txt'])
  })

  test('of a later format is refused', async () => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'FORMAT'), 'gorae-storage 2\n')
    await expect(openLmdbStorage(folder)).rejects.toThrow('use the version of gorae that wrote it')
  })

  test('keeps its files from other users', async () => {
    const folder = freshFolder()
    const storage = await openLmdbStorage(folder)
    await write(storage, put('/secret', '1'))
    for (const file of ['data.mdb', 'journal.0', 'journal.1']) {
      expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
    }
    await storage.close()
  })

  test('that is a file, or lies below one, cannot be opened and says so', async () => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'file'), '')
    expect(await faultOf(openLmdbStorage(join(folder, 'file')))).toBe('unreadable')
    expect(await faultOf(openLmdbStorage(join(folder, 'file', 'below')))).toBe('unreadable')
  })

  test.skipIf(process.getuid?.() === 0)('that may not be written cannot be opened and says so', async () => {
    const folder = freshFolder()
    chmodSync(folder, 0o500)
    expect(await faultOf(openLmdbStorage(folder))).toBe('unreadable')
  })

  const damages: { readonly how: string; readonly damage: (file: string, size: number) => void }[] = [
    { how: 'cut to nothing useful', damage: (file) => truncateSync(file, 100) },
    { how: 'cut in half', damage: (file, size) => truncateSync(file, size / 2) },
    { how: 'overwritten with other data', damage: (file, size) => writeFileSync(file, Buffer.alloc(size, 'other ')) },
    {
      how: 'zeroed after its first pages',
      damage: (file, size) => scribble(file, 2 * 4096, Buffer.alloc(size - 2 * 4096)),
    },
    { how: 'scribbled over in its values', damage: (file, size) => scribbleValues(file, size) },
  ]
  for (const { how, damage } of damages) {
    test(`whose database is ${how} is called damaged`, async () => {
      const folder = freshFolder()
      const storage = await openLmdbStorage(folder)
      await Promise.all(Array.from({ length: 500 }, (_, i) => write(storage, put(`/${i}`, 'value '.repeat(200)))))
      await storage.close()
      const copy = freshFolder() // LMDB may keep the old file mapped in this process
      cpSync(folder, copy, { recursive: true })
      const file = join(copy, 'data.mdb')
      damage(file, statSync(file).size)
      const reading = async () => {
        const reopened = await openLmdbStorage(copy)
        try {
          await reopened.range({ prefix: '/' })
        } finally {
          await reopened.close()
        }
      }
      expect(await faultOf(reading())).toBe('corrupt')
      await expect(reading()).rejects.toThrow('restore the folder from a backup')
    })
  }
})

function scribble(file: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(file, 'r+')
  writeSync(fd, bytes, 0, bytes.length, at)
  closeSync(fd)
}

function scribbleValues(file: string, size: number): void {
  for (let at = 10 * 4096 + 2_000; at < size; at += 4096) scribble(file, at, Buffer.from('#'))
}

test('it knows what it takes on the disk', async () => {
  const storage = await openLmdbStorage(freshFolder())
  expect(await storage.size?.()).toBeGreaterThan(4_096)
  await storage.close()
})
