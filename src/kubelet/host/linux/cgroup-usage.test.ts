import { describe, expect, test } from 'vitest'

import { cgroupDetails } from './cgroup-details.ts'
import { withFiles } from './cgroup-fixtures.ts'
import { cgroupPressure, cgroupUsage } from './cgroup-usage.ts'
import { parseInterfaces } from './interfaces.ts'

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

  test('what is swapped, and how much more may be', async () => {
    const first = {
      ...FIRST,
      'memory.stat': `${FIRST['memory.stat']}total_swap 20\n`,
      'memory.memsw.limit_in_bytes': '5000',
    }
    const second = { ...SECOND, 'memory.swap.current': '20\n', 'memory.swap.max': '904\n' }
    for (const groups of [withFiles(1, first), withFiles(2, second)])
      expect(await cgroupUsage(groups, '/pod')).toMatchObject({ memory: { swapBytes: 20 }, swapLimitBytes: 904 })
  })

  test('nothing of a group that is not there', async () => {
    for (const version of [1, 2] as const) expect(await cgroupUsage(withFiles(version, {}), '/pod')).toBeUndefined()
  })
})

describe('cgroupDetails()', () => {
  const details = {
    cpu: {
      userNanos: 30_000_000,
      periods: 10,
      throttledPeriods: 4,
      throttledNanos: 5000,
      quotaMicros: 50_000,
      periodMicros: 100_000,
    },
    memory: { cacheBytes: 12, limitHits: 3, reservedBytes: 64, outOfMemoryKills: 1 },
    devices: [{ device: '8:0', readBytes: 4096, writtenBytes: 8192, reads: 1, writes: 2 }],
    threads: 7,
  }

  test('reads version 1', async () => {
    const files = {
      'cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 5000\n',
      'cpuacct.stat': 'user 3\nsystem 0\n',
      'cpu.cfs_quota_us': '50000\n',
      'cpu.cfs_period_us': '100000\n',
      'memory.stat': 'cache 1\ntotal_cache 12\n',
      'memory.failcnt': '3\n',
      'memory.soft_limit_in_bytes': '64\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
      'blkio.throttle.io_service_bytes_recursive': '8:0 Read 4096\n8:0 Write 8192\n8:0 Total 12288\nTotal 12288\n',
      'blkio.throttle.io_serviced_recursive': '8:0 Read 1\n8:0 Write 2\nTotal 3\n',
      'pids.current': '7\n',
      'pids.max': 'max\n',
    }
    const read = await cgroupDetails(withFiles(1, files), '/pod')
    expect(read).toMatchObject(details)
    expect(read).not.toHaveProperty('maxThreads')
    const unlimited = {
      ...files,
      'cpu.cfs_quota_us': '-1\n',
      'memory.soft_limit_in_bytes': '9223372036854771712\n',
    }
    const { cpu, memory } = await cgroupDetails(withFiles(1, unlimited), '/pod')
    expect(cpu).not.toHaveProperty('quotaMicros')
    expect(memory.reservedBytes).toBe(0)
  })

  test('reads version 2', async () => {
    const files = {
      'cpu.stat': 'usage_usec 9\nuser_usec 30000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 5\n',
      'cpu.max': '50000 100000\n',
      'memory.stat': 'file 12\n',
      'memory.min': '64\n',
      'memory.events': 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n',
      'io.stat': '8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n',
      'pids.current': '7\n',
    }
    expect(await cgroupDetails(withFiles(2, files), '/pod')).toMatchObject(details)
  })
})

test('cgroupPressure() reads version 2, and version 1 has none', async () => {
  const file = 'some avg10=1.50 avg60=0.20 avg300=0.00 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n'
  expect(await cgroupPressure(withFiles(2, { 'io.pressure': file }), '/pod')).toEqual({
    io: {
      some: { totalMicros: 77, avg10: 1.5, avg60: 0.2, avg300: 0 },
      full: { totalMicros: 5, avg10: 0, avg60: 0, avg300: 0 },
    },
  })
  expect(await cgroupPressure(withFiles(1, { 'io.pressure': file }), '/pod')).toEqual({})
})

test('parseInterfaces() passes over loops and wires into containers', () => {
  const row = (name: string) => `${name}: 500 5 1 2 0 0 0 0 600 6 3 4 0 0 0 0`
  const text = ['Inter-| Receive', ' face |bytes', ...['    lo', 'veth12', '  eth0'].map(row), ''].join('\n')
  expect(parseInterfaces(text)).toEqual([
    {
      name: 'eth0',
      received: { bytes: 500, packets: 5, errors: 1, dropped: 2 },
      sent: { bytes: 600, packets: 6, errors: 3, dropped: 4 },
    },
  ])
})
