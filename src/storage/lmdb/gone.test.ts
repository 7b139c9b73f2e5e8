import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { put, textOf, write } from '../contract/samples.ts'
import type { StorageError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import { openLmdbStorage } from './lmdb-storage.ts'

let home: string
let folder: string
let storage: Storage
let ends: string[]

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gorae-gone-'))
  folder = join(home, 'data')
  ends = []
  storage = await openLmdbStorage(folder, {
    onEnd: ({ fault, message }: StorageError) => ends.push(`${fault} ${message}`),
  })
  for (let i = 0; i < 20; i++) await write(storage, put(`/${i}`, `${i}`))
})
afterEach(async () => {
  await storage.close()
  rmSync(home, { recursive: true, force: true })
})

const old = () => join(home, 'old')
const file = (name: string) => join(folder, name)
const copyOver = (name: string) => {
  cpSync(file(name), join(home, 'copy'))
  renameSync(join(home, 'copy'), file(name))
}

describe('a store says that its data is gone, before it answers a write, when', () => {
  const cases: readonly { readonly what: string; readonly says: string; readonly damage: () => void }[] = [
    {
      what: 'its folder is removed',
      says: 'the folder was removed',
      damage: () => rmSync(folder, { recursive: true }),
    },
    { what: 'its folder is moved away', says: 'the folder was removed', damage: () => renameSync(folder, old()) },
    {
      what: 'another folder is in its place',
      says: 'the folder was replaced',
      damage: () => {
        renameSync(folder, old())
        cpSync(old(), folder, { recursive: true })
      },
    },
    {
      what: 'a file is in its place',
      says: 'the folder was replaced',
      damage: () => {
        rmSync(folder, { recursive: true })
        writeFileSync(folder, '')
      },
    },
    ...['data.mdb', 'journal.0', 'journal.1'].flatMap((name) => [
      { what: `${name} is removed`, says: `${name} was removed`, damage: () => rmSync(file(name)) },
      { what: `${name} is replaced`, says: `${name} was replaced`, damage: () => copyOver(name) },
    ]),
    {
      what: 'its files are moved into another folder',
      says: 'data.mdb was removed',
      damage: () => {
        mkdirSync(old())
        for (const name of readdirSync(folder)) renameSync(file(name), join(old(), name))
      },
    },
  ]
  for (const { what, says, damage } of cases) {
    test(`${what}`, async () => {
      damage()
      for (const key of ['/after', '/later', '/large'])
        await expect(write(storage, put(key, 'x'.repeat(key === '/large' ? 2 << 20 : 1)))).rejects.toThrow(says)
      expect(ends).toEqual([expect.stringMatching(`^gone the data in ${folder} is gone: ${says} while it was in use`)])
      expect(textOf(await storage.get('/7'))).toBe('7') // what is there is still read
      await expect(storage.get('/after')).resolves.toBeUndefined()
    })
  }

  test('the same a while after its folder last changed', async () => {
    utimesSync(folder, 1, 1)
    await write(storage, put('/a', '1'))
    await write(storage, put('/b', '1'))
    rmSync(file('journal.1'))
    await expect(write(storage, put('/c', '1'))).rejects.toThrow('journal.1 was removed')
  })
})

test('a store whose folder was replaced leaves what is there now alone as it closes', async () => {
  renameSync(folder, old())
  cpSync(old(), folder, { recursive: true })
  const files = () => readdirSync(folder).map((name) => `${name} ${readFileSync(file(name)).toString('base64')}`)
  const before = files()
  await expect(write(storage, put('/after', '1'))).rejects.toThrow('was replaced')
  await storage.close()
  expect(files().join('\n') === before.join('\n')).toBe(true)
  rmSync(join(old(), 'lock.1')) // this process lives, which holds it
  const again = await openLmdbStorage(old())
  expect(textOf(await again.get('/19'))).toBe('19')
  expect(await again.get('/after')).toBeUndefined() // it was refused
  await again.close()
})

test('other files that come and go beside its own do not matter', async () => {
  writeFileSync(file('backup'), '')
  await write(storage, put('/after', '1'))
  rmSync(file('backup'))
  expect(await write(storage, put('/later', '1'))).toBe(23)
  expect(ends).toEqual([])
})

test('a store whose folder was removed does not make it anew as it closes', async () => {
  rmSync(folder, { recursive: true })
  await expect(write(storage, put('/after', '1'))).rejects.toThrow('is gone')
  await storage.close()
  expect(existsSync(folder)).toBe(false)
})
