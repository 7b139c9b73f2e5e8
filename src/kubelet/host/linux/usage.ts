/**
 * What is used of this machine: by cgroups (cgroups(7)), by file systems (statfs(2)), and as a whole (proc(5)).
 */

import { readFile, stat, statfs } from 'node:fs/promises'

import type { Cgroups } from '../../../linux/cgroups.ts'
import type { CgroupUsage, FilesystemFacts, MemoryUsage, NodeUsage } from '../usage.ts'

/** A limit beyond this is none: version 1 tells the largest number it can hold. */
const NO_LIMIT = 2 ** 60

const numberIn = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : Number(text))

/** `name value` lines, as memory.stat and cpu.stat have them. */
function fieldsOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', value]) => [name, Number(value)]),
  )
}

/** What a cgroup uses with all below it; `undefined`: it is not there, or does not count memory. */
export async function cgroupUsage(cgroups: Cgroups, cgroup: string): Promise<CgroupUsage | undefined> {
  const isFirst = cgroups.version === 1
  const [current, stats, limit, cpu, pids] = await Promise.all([
    cgroups.read(cgroup, 'memory', isFirst ? 'memory.usage_in_bytes' : 'memory.current'),
    cgroups.read(cgroup, 'memory', 'memory.stat'),
    cgroups.read(cgroup, 'memory', isFirst ? 'memory.limit_in_bytes' : 'memory.max'),
    isFirst ? cgroups.read(cgroup, 'cpuacct', 'cpuacct.usage') : cgroups.read(cgroup, 'cpu', 'cpu.stat'),
    cgroups.read(cgroup, 'pids', 'pids.current'),
  ])
  const usageBytes = numberIn(current)
  if (usageBytes === undefined || stats === undefined) return undefined
  const fields = fieldsOf(stats)
  const field = (first: string, second: string) => fields.get(isFirst ? first : second) ?? 0
  const memoryLimit = limit === undefined || limit.trim() === 'max' ? NO_LIMIT : Number(limit)
  return {
    cpuNanos: isFirst ? (numberIn(cpu) ?? 0) : 1000 * (fieldsOf(cpu ?? '').get('usage_usec') ?? 0),
    memory: {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - field('total_inactive_file', 'inactive_file')),
      rssBytes: field('total_rss', 'anon'),
      pageFaults: field('total_pgfault', 'pgfault'),
      majorPageFaults: field('total_pgmajfault', 'pgmajfault'),
    },
    ...(memoryLimit < NO_LIMIT && { memoryLimitBytes: memoryLimit }),
    processes: numberIn(pids) ?? 0,
  }
}

export async function filesystemFacts(path: string): Promise<FilesystemFacts | undefined> {
  try {
    const [{ dev }, disk] = await Promise.all([stat(path), statfs(path)])
    return {
      device: String(dev),
      capacityBytes: disk.blocks * disk.bsize,
      availableBytes: disk.bavail * disk.bsize,
      usedBytes: (disk.blocks - disk.bfree) * disk.bsize,
      inodes: disk.files,
      inodesFree: disk.ffree,
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export interface UsageOptions {
  readonly cgroups: Cgroups
  /** The cgroup of all Pods. */
  readonly podsCgroup: string
  /** A folder on the file system that holds the kubelet's data. */
  readonly storage: string
}

/** The whole machine's usage. Throws when the folder is gone. */
export async function nodeUsage({ cgroups, podsCgroup, storage }: UsageOptions): Promise<NodeUsage> {
  const [root, pods, nodeFs, memory, cpuNanos, pids] = await Promise.all([
    cgroupUsage(cgroups, '/'),
    cgroupUsage(cgroups, podsCgroup),
    filesystemFacts(storage),
    machineMemory(),
    machineCpu(),
    machinePids(),
  ])
  if (nodeFs === undefined) throw new Error(`the folder ${storage} is gone`)
  return {
    // Version 2 counts nothing for the root, and the kernel tells of the machine elsewhere.
    cpuNanos: root?.cpuNanos ?? cpuNanos,
    memory: root?.memory ?? memory.used,
    memoryCapacityBytes: memory.capacity,
    ...(pods !== undefined && { pods }),
    nodeFs,
    ...pids,
  }
}

async function machineMemory(): Promise<{ readonly capacity: number; readonly used: MemoryUsage }> {
  const [info, events] = await Promise.all([readFile('/proc/meminfo', 'utf8'), readFile('/proc/vmstat', 'utf8')])
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  const bytes = (name: 'MemTotal' | 'MemFree' | 'AnonPages' | 'Inactive\\(file\\)') => 1024 * kibibytes(name)
  const usageBytes = bytes('MemTotal') - bytes('MemFree')
  const fields = fieldsOf(events)
  return {
    capacity: bytes('MemTotal'),
    used: {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - bytes('Inactive\\(file\\)')),
      rssBytes: bytes('AnonPages'),
      pageFaults: fields.get('pgfault') ?? 0,
      majorPageFaults: fields.get('pgmajfault') ?? 0,
    },
  }
}

/** Linux counts hundredths of a second for programs, whatever the kernel's own beat. */
const NANOS_PER_TICK = 10_000_000

async function machineCpu(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n', 1)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number)
  return (user + nice + system + irq + softirq) * NANOS_PER_TICK
}

async function machinePids(): Promise<{ readonly maxPids: number; readonly runningPids: number }> {
  const numbers = await Promise.all(
    ['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map(async (file) =>
      Number(await readFile(file, 'utf8')),
    ),
  )
  const running = /\d+\/(\d+)/.exec(await readFile('/proc/loadavg', 'utf8'))?.[1]
  return { maxPids: Math.min(...numbers), runningPids: Number(running ?? 0) }
}
