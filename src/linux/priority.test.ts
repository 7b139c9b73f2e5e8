import { spawn } from 'node:child_process'
import { getPriority } from 'node:os'
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { setNice } from './priority.ts'

let child: ReturnType<typeof spawn>
beforeEach(async () => {
  // A Node process has several threads.
  child = spawn(process.execPath, ['-e', 'console.log("on"); process.stdin.resume()'], {
    stdio: 'pipe',
    detached: true,
  })
  await new Promise((resolve) => child.stdout?.once('data', resolve))
})
afterEach(end)

async function end(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

const niceOfThreads = (pid: number) => [
  ...new Set(readdirSync(`/proc/${pid}/task`).map((id) => getPriority(Number(id)))),
]

test.runIf(process.platform === 'linux')('a nice value holds for all threads of a process', () => {
  const pid = child.pid ?? 0
  expect(setNice(pid, 7)).toBe(true)
  expect(niceOfThreads(pid)).toEqual([7])
})

test.runIf(process.platform === 'linux')('a process that is gone cannot be set', async () => {
  await end()
  expect(setNice(child.pid ?? 0, 7)).toBe(false)
})
