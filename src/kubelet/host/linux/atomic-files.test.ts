import { lstat, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { writeAtomically } from './atomic-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'atomic-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (files: Record<string, string>, mode = 0o644) =>
  writeAtomically(
    folder,
    new Map(Object.entries(files).map(([name, text]) => [name, { data: Buffer.from(text), mode }])),
    { fsGroup: undefined, stamp: '2026' },
  )
const read = (name: string) => readFile(path.join(folder, name), 'utf8')
const shown = async () => (await readdir(folder)).filter((name) => !name.startsWith('..')).toSorted()

describe('writeAtomically()', () => {
  test('shows files and folders, with their modes', async () => {
    await write({ 'a.txt': 'alpha', 'dir/b': 'beta' }, 0o440)
    expect(await shown()).toEqual(['a.txt', 'dir'])
    expect(await read('dir/b')).toBe('beta')
    expect((await stat(path.join(folder, 'a.txt'))).mode & 0o777).toBe(0o440)
  })

  test('replaces the whole set, and takes away names that are gone', async () => {
    await write({ a: '1', b: '1' })
    await write({ b: '2', c: '2' })
    expect(await shown()).toEqual(['b', 'c'])
    expect(await read('b')).toBe('2')
  })

  test('leaves the set alone when nothing changed', async () => {
    await write({ a: '1' })
    const before = await readdir(folder)
    await write({ a: '1' })
    expect(await readdir(folder)).toEqual(before)
  })

  test('keeps no old set', async () => {
    for (const text of ['1', '2', '3']) await write({ a: text })
    expect((await readdir(folder)).filter((name) => name.startsWith('..2026'))).toHaveLength(1)
  })

  test('tells what is wrong where a file is to be a folder, and leaves nothing behind', async () => {
    await expect(write({ x: '1', 'x/y': '2' })).rejects.toThrow(/^mkdir .*\/x\/: file exists$/)
    await expect(write({ 'x/y': '2', x: '1' })).rejects.toThrow(/^open .*\/x: is a directory$/)
    expect(await readdir(folder)).toEqual([])
  })

  test.skipIf(process.getuid?.() !== 0)('gives links to the owner of their files and to the group', async () => {
    const files = new Map([['token', { data: Buffer.from('t'), mode: 0o600, uid: 1_000 }]])
    await writeAtomically(folder, files, { fsGroup: 2_000, stamp: '2026' })
    const owners = await Promise.all(['token', '..data'].map((name) => lstat(path.join(folder, name))))
    expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual([
      [1_000, 2_000],
      [0, 2_000],
    ])
  })
})
