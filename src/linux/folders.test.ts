import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { makeFolder } from './folders.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gorae-folders-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a folder is made with those above it, and again without harm', async () => {
  const folder = join(dir, 'a/b/c')
  await makeFolder(folder, 0o750)
  await makeFolder(folder, 0o750)
  expect(statSync(folder).mode & 0o777).toBe(0o750)
})

test('what cannot be made says why', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(makeFolder(join(dir, 'file/a/b'), 0o750)).rejects.toThrow('ENOTDIR')
  expect(existsSync(join(dir, 'file/a'))).toBe(false)
})
