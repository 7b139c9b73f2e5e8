import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localFolders } from './local-folders.ts'

describe('localFolders()', () => {
  let base: string
  beforeEach(async () => {
    base = await mkdtemp(path.join(os.tmpdir(), 'gorae-local-'))
  })
  afterEach(() => rm(base, { recursive: true, force: true }))

  test('makes a folder that anybody may write to, once: what is in it stays', async () => {
    const folders = localFolders({ local: path.join(base, 'volumes'), pods: path.join(base, 'pods') })
    const folder = await folders.make('pvc-1')
    expect(folder).toBe(path.join(base, 'volumes', 'pvc-1'))
    expect((await stat(folder)).mode & 0o777).toBe(0o777)
    await writeFile(path.join(folder, 'kept'), 'data')
    expect(await folders.make('pvc-1')).toBe(folder)
    expect(await readFile(path.join(folder, 'kept'), 'utf8')).toBe('data')
  })

  test('removes the folder, and never what a link in it leads to', async () => {
    const folders = localFolders({ local: path.join(base, 'volumes'), pods: path.join(base, 'pods') })
    const folder = await folders.make('pvc-1')
    await writeFile(path.join(base, 'other'), 'data')
    await symlink(base, path.join(folder, 'link'))
    await folders.remove('pvc-1')
    await folders.remove('pvc-1')
    expect(await readdir(path.join(base, 'volumes'))).toEqual([])
    expect(await readFile(path.join(base, 'other'), 'utf8')).toBe('data')
  })

  test('a link in the place of the folder is refused', async () => {
    const folders = localFolders({ local: base, pods: path.join(base, 'pods') })
    await symlink('/etc', path.join(base, 'pvc-1'))
    await expect(folders.make('pvc-1')).rejects.toThrow('EEXIST')
  })

  for (const name of ['..', '.', '', 'a/b', '../a', '/etc']) {
    test(`takes ${JSON.stringify(name)} for no name of a volume`, async () => {
      await expect(localFolders({ local: base, pods: path.join(base, 'pods') }).make(name)).rejects.toThrow(
        'is no name of a volume',
      )
      await expect(localFolders({ local: base, pods: path.join(base, 'pods') }).remove(name)).rejects.toThrow(
        'is no name of a volume',
      )
    })
  }
})
