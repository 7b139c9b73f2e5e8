import { describe, expect, test } from 'vitest'

import type { Cgroups } from '../../../linux/cgroups.ts'
import { cgroupUsage } from './usage.ts'

/** Control groups of one group, with these files. */
const withFiles = (version: 1 | 2, files: Readonly<Record<string, string>>): Cgroups => ({
  version,
  ensure: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  processes: () => Promise.resolve([]),
  children: () => Promise.resolve([]),
  read: (_cgroup, _controller, file) => Promise.resolve(files[file]),
})

const FIRST = {
  'memory.usage_in_bytes': '1000\n',
  'memory.limit_in_bytes': '4096\n',
  'memory.stat': 'inactive_file 1\ntotal_inactive_file 300\ntotal_rss 500\ntotal_pgfault 7\ntotal_pgmajfault 2\n',
  'cpuacct.usage': '123456789\n',
  'pids.current': '3\n',
}
const SECOND = {
  'memory.current': '1000\n',
  'memory.max': '4096\n',
  'memory.stat': 'anon 500\ninactive_file 300\npgfault 7\npgmajfault 2\n',
  'cpu.stat': 'usage_usec 123456\nuser_usec 1\nsystem_usec 2\n',
  'pids.current': '3\n',
}
const memory = { usageBytes: 1000, workingSetBytes: 700, rssBytes: 500, pageFaults: 7, majorPageFaults: 2 }

describe('cgroupUsage() reads', () => {
  const cases = [
    { what: 'version 1', version: 1, files: FIRST, usage: { cpuNanos: 123_456_789, memoryLimitBytes: 4096 } },
    { what: 'version 2', version: 2, files: SECOND, usage: { cpuNanos: 123_456_000, memoryLimitBytes: 4096 } },
    {
      what: 'version 1 without a limit',
      version: 1,
      files: { ...FIRST, 'memory.limit_in_bytes': '9223372036854771712\n' },
      usage: { cpuNanos: 123_456_789 },
    },
    {
      what: 'version 2 without a limit',
      version: 2,
      files: { ...SECOND, 'memory.max': 'max\n' },
      usage: { cpuNanos: 123_456_000 },
    },
  ] as const
  for (const { what, version, files, usage } of cases)
    test(`${what}`, async () => {
      const read = await cgroupUsage(withFiles(version, files), '/pod')
      expect(read).toEqual({ ...usage, memory, processes: 3 })
    })

  test('nothing of a group that is not there', async () => {
    for (const version of [1, 2] as const) expect(await cgroupUsage(withFiles(version, {}), '/pod')).toBeUndefined()
  })
})
