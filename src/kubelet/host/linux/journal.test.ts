import { expect, test } from 'vitest'

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
