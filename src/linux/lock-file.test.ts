import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { removeDeadLocks, withLockFile } from './lock-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gorae-lock-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Dies with the lock in its hands, having looked that nobody else was there. */
const HOLDER = `
import { closeSync, openSync, rmSync, appendFileSync } from 'node:fs'
import { systemClock } from '${join(import.meta.dirname, '../base/clock.ts')}'
import { withLockFile } from '${join(import.meta.dirname, 'lock-file.ts')}'
const [lock, inside, tally] = process.argv.slice(2)
await withLockFile(lock, { clock: systemClock }, async () => {
  closeSync(openSync(inside, 'wx'))
  await systemClock.sleep(5)
  rmSync(inside)
  appendFileSync(tally, '.')
  process.exit(0)
})
`

test('of many that find the holder dead, one at a time gets the lock', async () => {
  const program = join(dir, 'holder.mjs')
  buildSync({
    stdin: { contents: HOLDER, loader: 'ts', resolveDir: dir },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  const args = ['lock', 'inside', 'tally'].map((name) => join(dir, name))
  const children = Array.from({ length: 12 }, () => spawn(process.execPath, [program, ...args], { stdio: 'pipe' }))
  const said = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve) => {
          let text = ''
          child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
          child.once('close', () => resolve(text))
        }),
    ),
  )
  expect(said.filter((text) => text !== '')).toEqual([])
  expect(readFileSync(args[2] ?? '', 'utf8')).toHaveLength(12)
})

test('a file that names nobody keeps nobody out, and nothing is left', async () => {
  const lock = join(dir, 'lock')
  writeFileSync(lock, 'rubbish')
  expect(await withLockFile(lock, { clock: systemClock }, async () => 'done')).toBe('done')
  expect(readdirSync(dir)).toEqual([])
})

test('what processes that died while they waited have left goes with the next that gets the lock', async () => {
  const lock = join(dir, 'lock')
  const dead = { pid: 2 ** 22 + 1, startTicks: '1', bootId: 'b' }
  symlinkSync(`${dead.pid} 1 b`, `${lock}.dead-7-7`)
  writeFileSync(`${lock}.${dead.pid}`, JSON.stringify(dead)) // of an earlier version
  await withLockFile(lock, { clock: systemClock }, async () => {
    expect(readdirSync(dir)).toEqual(['lock'])
  })
  expect(readdirSync(dir)).toEqual([])
})

test('locks of the dead are taken away, and no others', async () => {
  symlinkSync('4194305 1 b', join(dir, '.dead.lock'))
  symlinkSync('4194305 1 b', join(dir, '.dead.lock.dead-7-7'))
  writeFileSync(join(dir, '.users.lock'), '')
  for (const name of ['lock', '.clock']) writeFileSync(join(dir, name), '')
  await withLockFile(join(dir, '.held.lock'), { clock: systemClock }, async () => {
    removeDeadLocks(dir)
    expect(readdirSync(dir).toSorted()).toEqual(['.clock', '.held.lock', '.users.lock', 'lock'])
  })
  removeDeadLocks(join(dir, 'nowhere'))
})

test('a lock that cannot be made is named', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(withLockFile(join(dir, 'file/lock'), { clock: systemClock }, async () => {})).rejects.toThrow(
    /EEXIST|ENOTDIR/,
  )
  const lock = '/proc/self/lock' // nobody can make anything there
  await expect(withLockFile(lock, { clock: systemClock }, async () => {})).rejects.toMatchObject({ path: lock })
})

test('who waits and is killed leaves nothing', async () => {
  const lock = join(dir, 'lock')
  await withLockFile(lock, { clock: systemClock }, async () => {
    const stop = new AbortController()
    const onWait = () => {
      expect(readdirSync(dir)).toEqual(['lock']) // whenever it dies now, nothing of it is there
      stop.abort(new Error('enough'))
    }
    const waiting = withLockFile(lock, { clock: systemClock, onWait, signal: stop.signal }, async () => {})
    await expect(waiting).rejects.toThrow('enough')
  })
  expect(readdirSync(dir)).toEqual([])
})
