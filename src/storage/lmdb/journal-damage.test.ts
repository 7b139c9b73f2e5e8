import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { put, textOf, write } from '../contract/samples.ts'
import { HEADER_BYTES, bytesOf, readFrames } from './journal-frames.ts'
import { openLmdbStorage } from './lmdb-storage.ts'

const folders: string[] = []

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gorae-damage-'))
  folders.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const WRITES = 30
const LAST = WRITES + 1
/** Larger than a page, so that a write can be cut within a value. */
const value = (i: number) => `${i} `.repeat(2_000)

/** A folder whose store was killed (or stopped in order) after its first revisions, each a frame of its own. */
async function folderOf(end: 'killed' | 'stopped'): Promise<string> {
  const folder = freshFolder()
  const copy = freshFolder()
  const storage = await openLmdbStorage(folder)
  for (let i = 2; i <= LAST; i++) await write(storage, put(`/${i}`, value(i)))
  const leave = () => cpSync(folder, copy, { recursive: true, filter: (path) => !path.includes('lock.') })
  if (end === 'killed') leave()
  await storage.close()
  if (end === 'stopped') leave()
  return copy
}

/** Where the frame of that revision begins, and where it ends. */
function placeOf(bytes: Buffer, revision: number): { readonly start: number; readonly end: number } {
  let start = 0
  for (const { last, changes } of readFrames(bytes).frames) {
    const end = start + bytesOf(changes)
    if (last === revision) return { start, end }
    start = end
  }
  throw new Error(`no frame of ${revision}`)
}

/** Opens the folder; the answer is its revision, or why it cannot be opened, and what was logged. */
async function opened(folder: string): Promise<{ readonly result: string; readonly said: readonly string[] }> {
  const said: string[] = []
  const log = createLog(({ message, fields }) => said.push(`${message} ${JSON.stringify(fields)}`))
  try {
    const storage = await openLmdbStorage(folder, { log })
    for (let i = 2; i <= storage.revision; i++) expect(textOf(await storage.get(`/${i}`))).toBe(value(i))
    const result = `revision ${storage.revision}`
    await storage.close()
    return { result, said }
  } catch (error) {
    return { result: (error as Error).message.replace(`${folder} `, ''), said }
  }
}

/** Changes the bytes of a journal's file. */
function change(folder: string, edit: (bytes: Buffer) => Buffer | undefined, name = 'journal.0'): void {
  const file = join(folder, name)
  const bytes = readFileSync(file)
  writeFileSync(file, edit(bytes) ?? bytes)
}

const rubbish = (length: number) => Buffer.alloc(length, 'rubbish ')

describe('the journal of a server that was killed', () => {
  test('reads to its end, of which nothing is said', async () => {
    expect(await opened(await folderOf('killed'))).toEqual({ result: `revision ${LAST}`, said: [] })
  })

  const torn = [
    { what: 'its last write is cut within its header', keep: () => 5 },
    { what: 'its last write is cut within its value', keep: () => 2_500 },
    { what: 'its last write lacks a byte', keep: (length: number) => length - 1 },
  ]
  for (const { what, keep } of torn) {
    for (const behind of [0, 0x41]) {
      test(`is told to be cut when ${what}, before ${behind === 0 ? 'zeros' : 'what an earlier turn left'}`, async () => {
        const folder = await folderOf('killed')
        let place = { start: 0, end: 0 }
        change(folder, (bytes) => {
          place = placeOf(bytes, LAST)
          bytes.fill(behind, place.start + keep(place.end - place.start))
        })
        const { result, said } = await opened(folder)
        expect(result).toBe(`revision ${LAST - 1}`)
        expect(said).toEqual([
          expect.stringContaining(
            `is not whole, as when the power fails in its midst; it is cut {"file":"journal.0","offset":${place.start},"bytes":`,
          ),
        ])
        expect((await opened(folder)).said).toEqual([]) // once
      })
    }
  }

  const lost = [
    { what: 'a byte of a value is another', edit: (bytes: Buffer, at: number) => (bytes[at + 100]! ^= 1) },
    { what: 'a header is zeros', edit: (bytes: Buffer, at: number) => bytes.fill(0, at, at + HEADER_BYTES) },
    { what: 'a disk sector is zeros', edit: (bytes: Buffer, at: number) => bytes.fill(0, at, at + 512) },
  ]
  for (const { what, edit } of lost) {
    test(`is refused when ${what}, and acknowledged changes stand behind`, async () => {
      const folder = await folderOf('killed')
      let at = 0
      change(folder, (bytes) => {
        at = placeOf(bytes, 20).start
        edit(bytes, at)
        return undefined
      })
      const refusal = (await opened(folder)).result
      expect(refusal).toContain(
        `at byte ${at} of journal.0 no change can be read, and further behind stand those after`,
      )
      expect(refusal).toContain('after revision 20: the changes after revision 19, up to 20, are lost')
      expect(refusal).toContain('restore the folder from a backup')
    })
  }

  for (const name of ['journal.0', 'journal.1'])
    test(`is refused without ${name}`, async () => {
      const folder = await folderOf('stopped') // where LMDB has changes, there was a journal before it
      rmSync(join(folder, name))
      expect((await opened(folder)).result).toContain(`${name} is missing, which may hold the newest changes`)
    })

  for (const how of ['missing', 'empty'])
    test(`is refused where the database is ${how}`, async () => {
      const folder = await folderOf('killed')
      const file = join(folder, 'data.mdb')
      if (how === 'missing') rmSync(file)
      else truncateSync(file)
      expect((await opened(folder)).result).toContain(`data.mdb is ${how}`)
    })
})

describe('the journal of a server that was stopped in order', () => {
  test('is empty but for a mark', async () => {
    const folder = await folderOf('stopped')
    expect(readFileSync(join(folder, 'journal.0'))).toHaveLength(HEADER_BYTES)
    expect(readFileSync(join(folder, 'journal.1'))).toHaveLength(0)
    expect(await opened(folder)).toEqual({ result: `revision ${LAST}`, said: [] })
  })

  for (const name of ['journal.0', 'journal.1'])
    test(`with bytes behind the end of ${name} is told, and loses nothing`, async () => {
      const folder = await folderOf('stopped')
      appendFileSync(join(folder, name), rubbish(500))
      const offset = name === 'journal.0' ? HEADER_BYTES : 0
      expect(await opened(folder)).toEqual({
        result: `revision ${LAST}`,
        said: [
          `behind the end of the journal stands what no server wrote; it is cut, and nothing is lost {"file":"${name}","offset":${offset},"bytes":500}`,
        ],
      })
    })

  test('and that was made larger than a journal is, is told', async () => {
    const folder = await folderOf('stopped')
    truncateSync(join(folder, 'journal.1'), 3 << 20)
    const { result, said } = await opened(folder)
    expect(result).toBe(`revision ${LAST}`)
    expect(said).toEqual([expect.stringContaining(`"file":"journal.1","offset":0,"bytes":${2 << 20}`)])
  })

  test('whose mark is damaged is told, and loses nothing', async () => {
    const folder = await folderOf('stopped')
    change(folder, (bytes) => bytes.fill('#', 6, 9))
    const { result, said } = await opened(folder)
    expect(result).toBe(`revision ${LAST}`)
    expect(said).toEqual([expect.stringContaining('"offset":0,"bytes":14')])
  })

  test('beside an older database is refused', async () => {
    const folder = await folderOf('stopped')
    const older = freshFolder()
    await (await openLmdbStorage(older)).close()
    cpSync(join(older, 'data.mdb'), join(folder, 'data.mdb'))
    expect((await opened(folder)).result).toContain(
      `data.mdb ends at revision 1, and the journal says that it ended at ${LAST}`,
    )
  })
})
