import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type CgroupLimits, openCgroups, weightOf } from './cgroups.ts'
import type { MountPoint } from './mounts.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gorae-cgroups-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const mount = (path: string, type: string, superOptions: readonly string[] = []): MountPoint => ({
  root: '/',
  path,
  options: ['rw'],
  type,
  source: type,
  superOptions: ['rw', ...superOptions],
  isShared: false,
})

/** A folder that stands for a mounted hierarchy. */
function hierarchy(name: string, type: string, controllers: readonly string[]): MountPoint {
  const path = join(root, name)
  mkdirSync(path)
  if (type === 'cgroup2') writeFileSync(join(path, 'cgroup.controllers'), `${controllers.join(' ')}\n`)
  return mount(path, type, type === 'cgroup2' ? [] : controllers)
}

const first = () => [
  hierarchy('cpu,cpuacct', 'cgroup', ['cpu', 'cpuacct']),
  hierarchy('memory', 'cgroup', ['memory']),
  hierarchy('pids', 'cgroup', ['pids']),
]
const second = (controllers: readonly string[]) => hierarchy('unified', 'cgroup2', controllers)

describe('openCgroups() finds', () => {
  const cases = [
    { what: 'version 1', mounts: () => first(), version: 1 },
    { what: 'version 2', mounts: () => [second(['cpu', 'memory'])], version: 2 },
    { what: 'version 1 with an empty version 2 beside it', mounts: () => [second([]), ...first()], version: 1 },
    {
      what: 'version 2 beside hierarchies of version 1 that manage nothing',
      mounts: () => [mount(root, 'cgroup', ['name=systemd']), second(['cpu', 'memory'])],
      version: 2,
    },
  ]
  for (const { what, mounts, version } of cases)
    test(`${what}`, async () => {
      expect((await openCgroups(mounts())).version).toBe(version)
    })

  test('nothing, and says what to do', async () => {
    await expect(openCgroups([])).rejects.toThrow('mount cgroup2 on /sys/fs/cgroup')
  })
})

const POD = '/kubepods/burstable/pod1'
const LIMITS: CgroupLimits = {
  cpuShares: 512,
  cpuQuotaUs: 50_000,
  cpuPeriodUs: 100_000,
  memoryBytes: 1 << 26,
  pids: 99,
}
const written = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')

test('limits land in the files of version 1', async () => {
  const cgroups = await openCgroups(first())
  await cgroups.ensure(POD, LIMITS)
  expect(written('cpu,cpuacct', POD, 'cpu.shares')).toBe('512')
  expect(written('cpu,cpuacct', POD, 'cpu.cfs_quota_us')).toBe('50000')
  expect(written('cpu,cpuacct', POD, 'cpu.cfs_period_us')).toBe('100000')
  expect(written('memory', POD, 'memory.limit_in_bytes')).toBe('67108864')
  expect(written('pids', POD, 'pids.max')).toBe('99')
})

test('limits land in the files of version 2, and the controllers are enabled from the top', async () => {
  const cgroups = await openCgroups([second(['cpuset', 'cpu', 'io', 'memory', 'pids', 'rdma'])])
  await cgroups.ensure(POD, LIMITS)
  expect(written('unified', 'cgroup.subtree_control')).toBe('+cpu +cpuset +memory +pids +io')
  expect(written('unified', POD, 'cpu.weight')).toBe('20')
  expect(written('unified', POD, 'cpu.max')).toBe('50000 100000')
  expect(written('unified', POD, 'memory.max')).toBe('67108864')
  expect(written('unified', POD, 'pids.max')).toBe('99')
})

test('further files are written in version 2, and version 1 has none of them', async () => {
  const unified = { 'memory.low': '4096', 'memory.high': 'max' }
  for (const [mounts, folder, isThere] of [
    [first(), 'memory', false],
    [[second(['memory'])], 'unified', true],
  ] as const) {
    await (await openCgroups(mounts)).ensure(POD, { unified })
    expect(existsSync(join(root, folder, POD, 'memory.low'))).toBe(isThere)
  }
  expect([written('unified', POD, 'memory.low'), written('unified', POD, 'memory.high')]).toEqual(['4096', 'max'])
})

test('further files change where they are, and nothing is made for them', async () => {
  const cgroups = await openCgroups([second(['memory'])])
  await cgroups.ensure(POD, { unified: { 'memory.high': '100' } })
  await cgroups.setFiles(POD, { 'memory.high': 'max', 'memory.low': '4096' })
  await cgroups.setFiles(`${POD}/gone`, { 'memory.high': 'max' })
  expect(written('unified', POD, 'memory.high')).toBe('max')
  expect(existsSync(join(root, 'unified', POD, 'memory.low'))).toBe(false)
  expect(existsSync(join(root, 'unified', POD, 'gone'))).toBe(false)
})

test('what has no limit is left as the kernel has it', async () => {
  const cgroups = await openCgroups([second(['cpu', 'memory'])])
  await cgroups.ensure(POD, {})
  for (const file of ['cpu.weight', 'cpu.max', 'memory.max', 'pids.max'])
    expect(existsSync(join(root, 'unified', POD, file))).toBe(false)
})

describe('huge pages of sizes that are not named may not be used', () => {
  const sizes = new Map([['2MB', 4 << 20]])
  const cases = [
    { version: 1, mounts: () => [...first(), hierarchy('hugetlb', 'cgroup', ['hugetlb'])], limit: 'limit_in_bytes' },
    { version: 2, mounts: () => [second(['memory', 'hugetlb'])], limit: 'max' },
  ]
  for (const { version, mounts, limit } of cases) {
    test(`in version ${version}`, async () => {
      const made = mounts()
      const cgroups = await openCgroups(made)
      await cgroups.ensure(POD, {})
      const folder = join(made.at(-1)?.path ?? '', POD)
      const files = ['2MB', '2MB.rsvd', '1GB', '1GB.rsvd'].map((size) => `hugetlb.${size}.${limit}`)
      for (const file of [...files, 'hugetlb.1GB.current']) writeFileSync(join(folder, file), 'as it was')
      const now = () => files.map((file) => readFileSync(join(folder, file), 'utf8'))
      await cgroups.ensure(POD, { pids: 3 })
      expect(now()).toEqual(files.map(() => 'as it was'))
      await cgroups.ensure(POD, { hugepages: sizes })
      expect(now()).toEqual(['4194304', '4194304', '0', '0'])
      expect(readFileSync(join(folder, 'hugetlb.1GB.current'), 'utf8')).toBe('as it was')
    })
  }
})

test('children and processes are found at any depth of both versions', async () => {
  for (const mounts of [first(), [second(['memory'])]]) {
    const cgroups = await openCgroups(mounts)
    await cgroups.ensure(`${POD}/c1`, {})
    await cgroups.ensure(`${POD}/c2`, {})
    const folder = mounts.at(-1)?.path ?? ''
    writeFileSync(join(folder, POD, 'cgroup.procs'), '7\n')
    writeFileSync(join(folder, POD, 'c2', 'cgroup.procs'), '8\n9\n')
    expect((await cgroups.children(POD)).toSorted()).toEqual(['c1', 'c2'])
    expect((await cgroups.processes('/kubepods')).toSorted((a, b) => a - b)).toEqual([7, 8, 9])
    expect(await cgroups.read(POD, 'memory', 'no.such')).toBeUndefined()
  }
})

describe('weightOf() turns shares of version 1 into weights of version 2', () => {
  const cases = [
    { shares: 2, weight: 1 },
    { shares: 102, weight: 4 },
    { shares: 512, weight: 20 },
    { shares: 1024, weight: 39 },
    { shares: 262_144, weight: 10_000 },
  ]
  for (const { shares, weight } of cases)
    test(`${shares} → ${weight}`, () => {
      expect(weightOf(shares)).toBe(weight)
    })
})
