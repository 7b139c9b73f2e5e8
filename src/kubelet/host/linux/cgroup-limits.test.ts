import { expect, test } from 'vitest'

import { cgroupLimits } from './cgroup-limits.ts'
import { withFiles } from './cgroup-fixtures.ts'

const cases = [
  {
    what: 'version 1',
    version: 1,
    files: {
      'cpu.shares': '512\n',
      'cpu.cfs_quota_us': '50000\n',
      'cpu.cfs_period_us': '100000\n',
      'memory.limit_in_bytes': '4096\n',
    },
    limits: { cpuShares: 512, cpuQuota: 50_000, cpuPeriod: 100_000, memoryLimitInBytes: 4096 },
  },
  {
    what: 'version 1 without limits',
    version: 1,
    files: {
      'cpu.shares': '2\n',
      'cpu.cfs_quota_us': '-1\n',
      'cpu.cfs_period_us': '100000\n',
      'memory.limit_in_bytes': '9223372036854771712\n',
    },
    limits: { cpuShares: 2 },
  },
  {
    what: 'version 2',
    version: 2,
    files: { 'cpu.weight': '39\n', 'cpu.max': '50000 100000\n', 'memory.max': '4096\n' },
    limits: { cpuShares: 999, cpuQuota: 50_000, cpuPeriod: 100_000, memoryLimitInBytes: 4096 },
  },
  {
    what: 'version 2 without limits',
    version: 2,
    files: { 'cpu.weight': '1\n', 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' },
    limits: { cpuShares: 2 },
  },
  { what: 'a cgroup that is not there', version: 2, files: {}, limits: {} },
] as const

for (const { what, version, files, limits } of cases)
  test(`cgroupLimits() reads those of ${what}`, async () => {
    expect(await cgroupLimits(withFiles(version, files), '/pod')).toEqual(limits)
  })
