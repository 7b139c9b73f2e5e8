import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { withLockFile } from './lock-file.ts'
import { findProcesses, identify, isAlive, stopProcesses } from './processes.ts'
import { ProgramError, findProgram, runProgram } from './program.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gorae-linux-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const sleeper = (mark: string, script = 'read x') => {
  const child = spawn('sh', ['-c', script, mark], { stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)))
  return { pid: child.pid ?? 0, ended }
}

test('a process is alive until it ends, and never again under the same number', async () => {
  const child = sleeper('a')
  const identity = identify(child.pid)
  expect(isAlive(identity)).toBe(true)
  expect(isAlive({ ...identity, pid: child.pid, startTicks: '1', bootId: identity?.bootId ?? '' })).toBe(false)
  if (identity !== undefined) await stopProcesses([identity], { clock: systemClock, graceMs: 1_000 })
  expect(await child.ended).toBe('SIGTERM')
  expect(isAlive(identity)).toBe(false)
})

test('a process that does not listen is ended by force', async () => {
  const child = sleeper(join(dir, 'deaf'), 'trap "" TERM; echo > "$0"; while :; do read x; done')
  const identity = identify(child.pid)
  if (identity !== undefined) await stopProcesses([identity], { clock: systemClock, graceMs: 0 })
  expect(await child.ended).toBe('SIGKILL')
})

test('processes are found by an argument', async () => {
  const mark = join(dir, 'mark')
  const child = sleeper(mark)
  const found = findProcesses((argument) => argument === mark)
  expect(found.map(({ pid }) => pid)).toEqual([child.pid])
  await stopProcesses(found, { clock: systemClock, graceMs: 0 })
  await child.ended
})

test('one at a time holds a lock; a dead holder and rubbish do not', async () => {
  const lock = join(dir, 'lock')
  const options = { clock: systemClock }
  for (const content of ['rubbish', JSON.stringify({ pid: 1, startTicks: '0', bootId: 'x' })]) {
    writeFileSync(lock, content)
    expect(await withLockFile(lock, options, async () => readdirSync(dir))).toEqual(['lock'])
  }
  const seen: string[] = []
  await withLockFile(lock, options, async () => {
    seen.push(readlinkSync(lock).startsWith(`${process.pid} `) ? 'mine' : 'other')
  })
  expect(seen).toEqual(['mine'])
  expect(readdirSync(dir)).toEqual([])
})

test('a program’s failure says what it said', async () => {
  expect(await runProgram('cat', [], { input: 'hello' })).toBe('hello')
  const failure = runProgram('sh', ['-c', 'echo no >&2; exit 3'])
  await expect(failure).rejects.toThrow(/exit code 3\): no/)
  await expect(runProgram('no-such-program', [])).rejects.toThrow(ProgramError)
  expect(findProgram('no-such-program')).toBeUndefined()
})
