import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { linuxSystemLogs } from './system-logs.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gorae-logs-'))
  mkdirSync(path.join(root, 'log', 'pods'), { recursive: true })
  writeFileSync(path.join(root, 'log', 'syslog'), 'one\ntwo\n')
  writeFileSync(path.join(root, 'log', 'empty'), '')
  writeFileSync(path.join(root, 'secret'), 'key')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const open = (asked: string) => linuxSystemLogs(path.join(root, 'log')).open(asked)

async function textOf(asked: string): Promise<string | undefined> {
  const found = await open(asked)
  if (found?.kind !== 'file') return undefined
  const chunks: Buffer[] = []
  for await (const chunk of found.bytes()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('lists folders and reads files', async () => {
  expect(await open('/')).toEqual({ kind: 'folder', names: ['empty', 'pods/', 'syslog'] })
  expect(await textOf('/syslog')).toBe('one\ntwo\n')
  expect(await textOf('/empty')).toBe('')
})

test('sends no more of a file than there was when it was asked for', async () => {
  const found = await open('syslog')
  writeFileSync(path.join(root, 'log', 'syslog'), 'one\ntwo\nthree\n')
  expect(found).toMatchObject({ kind: 'file', size: 8 })
  const chunks: Buffer[] = []
  if (found?.kind === 'file') for await (const chunk of found.bytes()) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe('one\ntwo\n')
})

test('follows links inside, and shows nothing that lies outside', async () => {
  symlinkSync('syslog', path.join(root, 'log', 'inside'))
  symlinkSync('../secret', path.join(root, 'log', 'outside'))
  expect(await textOf('inside')).toBe('one\ntwo\n')
  for (const asked of ['outside', '../secret', '/../secret', 'pods/../../secret', 'none', `${root}/secret`]) {
    expect(await open(asked)).toBeUndefined()
  }
})
