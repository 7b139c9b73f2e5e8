/** What is used of this machine: of its file systems (statfs(2)), and as a whole (proc(5)). */

import { readFile, stat, statfs } from 'node:fs/promises'

import type { Cgroups } from '../../../linux/cgroups.ts'
import type { FilesystemFacts, MemoryUsage, NodeUsage } from '../usage.ts'
import { diskUse } from './block-devices.ts'
import { cgroupPressure, cgroupUsage, fieldsOf } from './cgroup-usage.ts'
import { parseInterfaces } from './interfaces.ts'

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
  const [root, pods, nodeFs, memory, cpuNanos, pids, pressure, traffic] = await Promise.all([
    cgroupUsage(cgroups, '/'),
    cgroupUsage(cgroups, podsCgroup),
    filesystemFacts(storage),
    machineMemory(),
    machineCpu(),
    machinePids(),
    cgroupPressure(cgroups, '/'),
    readFile('/proc/self/net/dev', 'utf8').catch(() => ''),
  ])
  if (nodeFs === undefined) throw new Error(`the folder ${storage} is gone`)
  const nodeDisk = await diskUse(nodeFs.device)
  return {
    // Version 2 counts nothing for the root, and the kernel tells of the machine elsewhere.
    cpuNanos: root?.cpuNanos ?? cpuNanos,
    memory: root?.memory ?? memory.used,
    memoryCapacityBytes: memory.capacity,
    swapCapacityBytes: memory.swap,
    pressure,
    interfaces: parseInterfaces(traffic),
    ...(pods !== undefined && { pods }),
    nodeFs,
    ...(nodeDisk !== undefined && { nodeDisk }),
    ...pids,
  }
}

interface MachineMemory {
  readonly capacity: number
  readonly swap: number
  readonly used: MemoryUsage
}

async function machineMemory(): Promise<MachineMemory> {
  const [info, events] = await Promise.all([readFile('/proc/meminfo', 'utf8'), readFile('/proc/vmstat', 'utf8')])
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  type Name = 'MemTotal' | 'MemFree' | 'AnonPages' | 'Inactive\\(file\\)' | 'SwapTotal' | 'SwapFree'
  const bytes = (name: Name) => 1024 * kibibytes(name)
  const usageBytes = bytes('MemTotal') - bytes('MemFree')
  const fields = fieldsOf(events)
  return {
    capacity: bytes('MemTotal'),
    swap: bytes('SwapTotal'),
    used: {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - bytes('Inactive\\(file\\)')),
      rssBytes: bytes('AnonPages'),
      pageFaults: fields.get('pgfault') ?? 0,
      majorPageFaults: fields.get('pgmajfault') ?? 0,
      swapBytes: bytes('SwapTotal') - bytes('SwapFree'),
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
