import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'

import { nextTurn } from '../../../base/async/turn.ts'

import { journalOptions, linuxServiceLogs } from './journal.ts'

const PLAIN = ['--utc', '--no-pager', '--output=short-precise']

test.each([
  { query: { services: ['ssh', 'a@b'] }, options: ['--unit=ssh', '--unit=a@b'] },
  {
    query: { services: ['ssh'], since: Date.UTC(2026, 0, 2, 3, 4, 5, 600), until: Date.UTC(2026, 0, 3) },
    options: ['--since=2026-01-02 03:04:05 UTC', '--until=2026-01-03 00:00:00 UTC', '--unit=ssh'],
  },
  {
    query: { services: ['ssh'], tail: 3, boot: -1, pattern: '--x' },
    options: ['--pager-end', '--lines=3', '--unit=ssh', '--grep=--x', '--boot', '-1'],
  },
])('journalctl is asked with $options', ({ query, options }) => {
  expect(journalOptions(query)).toEqual([...PLAIN, ...options])
})

test('a service that the journal has never heard is not known', async () => {
  expect(await linuxServiceLogs.knows('gorae-has-no-such-service', new AbortController().signal)).toBe(false)
})

test('journalctl ends when nobody reads on', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gorae-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = path.join(folder, 'journalctl')
  writeFileSync(program, '#!/bin/sh\necho $$\nexec yes\n')
  chmodSync(program, 0o755)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  let pid = ''
  for await (const said of linuxServiceLogs.read({ services: ['ssh'] }, new AbortController().signal)) {
    pid = /^\d+/.exec(said.toString())![0]
    break
  }
  while (existsSync(`/proc/${pid}`)) await nextTurn()
  expect(pid).not.toBe('')
})
