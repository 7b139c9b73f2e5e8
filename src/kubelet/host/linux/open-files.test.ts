import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { processUse } from './open-files.ts'

let proc: string
beforeEach(() => {
  proc = mkdtempSync(path.join(tmpdir(), 'gorae-proc-'))
})
afterEach(() => rmSync(proc, { recursive: true, force: true }))

function start(pid: number, state: string, open: readonly string[], limit = '1024') {
  const folder = path.join(proc, String(pid))
  mkdirSync(path.join(folder, 'fd'), { recursive: true })
  writeFileSync(path.join(folder, 'stat'), `${pid} (a) Z (b) ${state} 1 2 3\n`)
  writeFileSync(
    path.join(folder, 'limits'),
    `Max cpu time   unlimited\nMax open files            ${limit}       4096     files\n`,
  )
  for (const [at, target] of open.entries()) symlinkSync(target, path.join(folder, 'fd', String(at)))
}

test('counts files, sockets and states of all processes, and asks the first for its limit', async () => {
  start(1, 'S', ['/dev/null', 'socket:[12]', 'pipe:[3]'], 'unlimited')
  start(2, 'R', ['socket:[13]'])
  start(3, 'D', [])
  const { states, ...use } = await processUse([1, 2, 3, 4], proc)
  expect(use).toEqual({ files: 4, sockets: 2, maxOpenFiles: -1 })
  expect(Object.fromEntries(states)).toEqual({ sleeping: 1, running: 1, stopped: 0, uninterruptible: 1 })
})

test('nothing of processes that are gone', async () => {
  expect(await processUse([7], proc)).toMatchObject({ files: 0, sockets: 0 })
})
