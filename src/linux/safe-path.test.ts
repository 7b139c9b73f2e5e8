import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { descriptorPath, makeFoldersInside, openInside } from './safe-path.ts'

let base: string
let outside: string
beforeEach(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'safe-'))
  outside = await mkdtemp(path.join(os.tmpdir(), 'outside-'))
  await mkdir(path.join(base, 'sub'))
  await writeFile(path.join(base, 'sub', 'file'), 'inside')
  await writeFile(path.join(outside, 'secret'), 'outside')
})
afterEach(async () => {
  await rm(base, { recursive: true, force: true })
  await rm(outside, { recursive: true, force: true })
})

describe('openInside()', () => {
  test('opens what is inside, also through links that stay inside', async () => {
    await symlink('sub/file', path.join(base, 'link'))
    for (const name of ['sub/file', 'link', './sub/../sub/file']) {
      const handle = await openInside(base, name)
      expect(await readFile(descriptorPath(handle), 'utf8')).toBe('inside')
      await handle.close()
    }
  })

  test('refuses every way out', async () => {
    await symlink(outside, path.join(base, 'away'))
    await symlink('../../../../../../etc', path.join(base, 'up'))
    for (const name of ['away/secret', 'up/passwd', '../', 'sub/../../x']) {
      await expect(openInside(base, name)).rejects.toThrow(/leads out of its volume|ENOENT/)
    }
  })
})

describe('makeFoldersInside()', () => {
  test('makes missing folders and keeps those that are there', async () => {
    await makeFoldersInside(base, 'sub/new/deep')
    const handle = await openInside(base, 'sub/new/deep')
    expect((await handle.stat()).isDirectory()).toBe(true)
    await handle.close()
  })

  test('makes folders that are as open as the one they are in', async () => {
    await chmod(base, 0o3770)
    await makeFoldersInside(base, 'a/b')
    for (const folder of ['a', 'a/b']) expect((await stat(path.join(base, folder))).mode & 0o7777).toBe(0o3770)
  })

  test('makes nothing through a link that leads out', async () => {
    await symlink(outside, path.join(base, 'away'))
    await expect(makeFoldersInside(base, 'away/made')).rejects.toThrow('leads out of its volume')
  })
})
