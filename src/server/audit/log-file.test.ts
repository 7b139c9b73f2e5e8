import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { type LogFileOptions, openLogFile } from './log-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const MIB = 1 << 20
const DAY_MS = 86_400_000
const line = (letter: string) => `${letter.repeat(MIB / 2)}\n`

function open(clock: ManualClock, limits: Partial<LogFileOptions>) {
  const options = { path: join(folder, 'audit.log'), maxSize: 1, maxBackups: 0, maxAge: 0, ...limits }
  return openLogFile(options, { clock, log: silentLog })
}

describe('the audit log', () => {
  test('is its owner’s alone, and is continued where there is one', () => {
    for (const text of ['one\n', 'two\n']) {
      const file = open(new ManualClock(), {})
      file.write(text)
      file.close()
    }
    expect(readFileSync(join(folder, 'audit.log'), 'utf8')).toBe('one\ntwo\n')
    expect(statSync(join(folder, 'audit.log')).mode & 0o777).toBe(0o600)
  })

  test('loses what cannot be written, or says so where nothing may be lost', () => {
    const [usual, strict] = [false, true].map((isStrict) => open(new ManualClock(), { isStrict }))
    for (const file of [usual, strict]) file!.write(line('a'))
    rmSync(folder, { recursive: true })
    expect(() => usual!.write(line('b'))).not.toThrow()
    expect(() => strict!.write(line('b'))).toThrow('ENOENT')
    // They still write to files of their own.
    for (const file of [usual, strict]) expect(() => file!.write('c\n')).not.toThrow()
    for (const file of [usual, strict]) file!.close()
  })

  test('is put aside under its time before it grows too large', () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 31, 12, 0, 0, 5))
    const file = open(clock, {})
    file.write(line('a'))
    file.write(line('b'))
    file.close()
    expect(readdirSync(folder).sort()).toEqual(['audit-2026-01-31T12-00-00.005.log', 'audit.log'])
    expect(readFileSync(join(folder, 'audit.log'), 'utf8').startsWith('b')).toBe(true)
  })

  test('loses nothing that is put aside in the same moment', () => {
    const file = open(new ManualClock(), {})
    for (const letter of 'abc') file.write(line(letter))
    file.close()
    const first = (name: string) => readFileSync(join(folder, name), 'utf8')[0]
    expect(new Set(readdirSync(folder).map(first))).toEqual(new Set('abc'))
  })

  test.each([
    { limits: { maxSize: 0 }, kept: [] },
    { limits: { maxBackups: 2 }, kept: ['audit-2026-01-03T00-00-00.000.log', 'audit-2026-01-04T00-00-00.000.log'] },
    { limits: { maxAge: 1 }, kept: ['audit-2026-01-03T00-00-00.000.log', 'audit-2026-01-04T00-00-00.000.log'] },
  ])('keeps what is put aside within $limits', async ({ limits, kept }) => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1))
    const file = open(clock, limits)
    for (const letter of 'abcd') {
      file.write(line(letter))
      // oxlint-disable-next-line no-await-in-loop -- a day after the other
      await clock.advance(DAY_MS)
    }
    file.close()
    expect(
      readdirSync(folder)
        .filter((name) => name !== 'audit.log')
        .sort(),
    ).toEqual(kept)
  })
})
