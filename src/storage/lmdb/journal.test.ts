import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { put, take, textOf, write } from '../contract/samples.ts'
import { Journal } from './journal.ts'
import { type Journaled, revisionOf } from './journal-frames.ts'
import { openLmdbStorage } from './lmdb-storage.ts'
import { logKey } from './records.ts'

const folders: string[] = []

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gorae-journal-'))
  folders.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Changes at these revisions, each of so many bytes. */
const changes = (revisions: readonly number[], bytes: number): readonly Journaled[] =>
  revisions.map((revision) => ({ logKey: logKey(revision, 0), logValue: Buffer.alloc(bytes, revision) }))

/** All that the files hold, in order. */
const read = (journal: Journal): readonly Journaled[] =>
  journal
    .files()
    .flatMap(({ frames }) => frames)
    .toSorted((a, b) => a.after - b.after)
    .flatMap((frame) => frame.changes)

const never = () => new AbortController().signal

describe.each([{ writesThrough: true }, { writesThrough: false }])('a journal, %o', (options) => {
  const append = (journal: Journal, revisions: readonly number[], bytes: number) =>
    journal.append(changes(revisions, bytes), { after: revisions[0]! - 1, last: revisions.at(-1)! })

  test('has what was appended, in order, over both of its files', async () => {
    const folder = freshFolder()
    const journal = new Journal(folder, options)
    await append(journal, [2, 3], 100)
    await append(journal, [4], 200_000)
    journal.turn()
    await append(journal, [5], 10)
    journal.close()
    const again = new Journal(folder, options)
    expect(read(again).map((change) => [revisionOf(change), change.logValue.length])).toEqual([
      [2, 100],
      [3, 100],
      [4, 200_000],
      [5, 10],
    ])
    again.close()
  })

  test('forgets what it was released from: what an earlier turn left behind a frame is not read', async () => {
    const journal = new Journal(freshFolder(), options)
    for (const revision of [2, 3, 4, 5]) await append(journal, [revision], 100)
    journal.release(5)
    await append(journal, [6], 100)
    expect(read(journal).map(revisionOf)).toEqual([6])
    journal.close()
  })

  test('keeps a file until all of it is released', async () => {
    const journal = new Journal(freshFolder(), options)
    await append(journal, [2, 3], 100)
    journal.release(2)
    journal.turn()
    await append(journal, [4], 100)
    journal.turn() // the other still has 3
    await append(journal, [5], 100)
    expect(read(journal).map(revisionOf)).toEqual([2, 3, 4, 5])
    journal.release(3)
    journal.turn()
    await append(journal, [6], 100)
    expect(read(journal).map(revisionOf)).toEqual([4, 5, 6])
    journal.close()
  })

  test('has room for a bounded number of bytes', async () => {
    const journal = new Journal(freshFolder(), options)
    const many = changes([2], 900_000)
    expect(journal.hasRoom(many)).toBe(true)
    await journal.append(many, { after: 1, last: 2 })
    expect(journal.hasRoom(changes([3], 900_000))).toBe(false)
    expect(journal.hasRoom(changes([3], 100))).toBe(true)
    journal.close()
  })
})

describe('a data folder as a crash leaves it', () => {
  /** The folder of a store with 60 single writes that LMDB does not have yet, as it is while the store is open. */
  async function crashed(): Promise<string> {
    const folder = freshFolder()
    const copy = freshFolder()
    const storage = await openLmdbStorage(folder)
    const before = statSync(join(folder, 'data.mdb')).mtimeMs
    for (let i = 0; i < 60; i++) await write(storage, put(`/${i % 50}`, `${i}`))
    expect(statSync(join(folder, 'data.mdb')).mtimeMs).toBe(before)
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.includes('lock.') })
    await storage.close()
    return copy
  }

  test('has all that was acknowledged, and its history', async () => {
    const copy = await crashed()
    for (let opened = 0; opened < 2; opened++) {
      const storage = await openLmdbStorage(copy)
      expect(storage.revision).toBe(61)
      const { entries } = await storage.range({ prefix: '/' })
      expect(entries.map((entry) => `${entry.key}=${textOf(entry)}`).toSorted()).toEqual(
        Array.from({ length: 50 }, (_, i) => `/${i}=${i < 10 ? i + 50 : i}`).toSorted(),
      )
      expect(await take(storage.watch('/', 59, never()), 2)).toEqual(['60 put /8 58', '61 put /9 59'])
      await storage.close()
    }
  })

  test('has all but a write that the crash cut short', async () => {
    const copy = await crashed()
    const file = join(copy, 'journal.0')
    damage(file, readFileSync(file).lastIndexOf('/9'))
    const storage = await openLmdbStorage(copy)
    expect(storage.revision).toBe(60)
    expect(textOf(await storage.get('/9'))).toBe('9')
    expect(await write(storage, put('/9', 'again'))).toBe(61)
    await storage.close()
  })

  test('is called damaged when a change is missing between others', async () => {
    const copy = freshFolder()
    await (await openLmdbStorage(copy)).close()
    const journal = new Journal(copy)
    await journal.append(changes([4], 100), { after: 3, last: 4 })
    journal.close()
    await expect(openLmdbStorage(copy)).rejects.toThrow('the changes after revision 1 are missing')
  })
})

test('a change larger than the journal takes is on the disk when it is acknowledged, with all before it', async () => {
  const folder = freshFolder()
  const copy = freshFolder()
  const storage = await openLmdbStorage(folder)
  await write(storage, put('/small', '1'))
  await write(storage, put('/large', 'x'.repeat(2 << 20)))
  await write(storage, put('/later', '1'))
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.includes('lock.') })
  await storage.close()
  const again = await openLmdbStorage(copy)
  expect((await again.range({ prefix: '/' })).entries.map((entry) => entry.key)).toEqual(['/large', '/later', '/small'])
  await again.close()
})

function damage(file: string, at: number): void {
  const fd = openSync(file, 'r+')
  writeSync(fd, '#', at)
  closeSync(fd)
}
