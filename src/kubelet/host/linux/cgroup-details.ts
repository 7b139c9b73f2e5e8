/** What else the kernel counts of a control group, for monitoring (cgroups(7), https://docs.kernel.org/admin-guide/cgroup-v1/). */

import type { Cgroups } from '../../../linux/cgroups.ts'
import type { CgroupDetails, DeviceUse } from '../usage.ts'
import { fieldsOf, limitIn, numberIn } from './cgroup-usage.ts'

/** CPU time that version 1 tells in the beat of programs. */
const NANOS_PER_TICK = 10_000_000

/** Everything that is there. Never throws for a cgroup that is gone: it has nothing then. */
export const cgroupDetails = (cgroups: Cgroups, cgroup: string): Promise<CgroupDetails> =>
  cgroups.version === 1 ? versionOne(cgroups, cgroup) : versionTwo(cgroups, cgroup)

/** An object of those entries that are known. */
const known = <K extends string>(entries: Readonly<Record<K, number | undefined>>): { readonly [P in K]?: number } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [P in K]?: number }

const scaled = (value: number | undefined, by: number) => (value === undefined ? undefined : value * by)

/** A quota below nothing is none. */
const quotaOf = (micros: number | undefined) => (micros === undefined || micros < 0 ? undefined : micros)

async function versionOne(cgroups: Cgroups, cgroup: string): Promise<CgroupDetails> {
  const read = (controller: string, file: string) => cgroups.read(cgroup, controller, file)
  const [cpu, times, quota, period, shares, memory, most, hits, kernel, oom, kept, bytes, counts, tasks, maxTasks] =
    await Promise.all([
      read('cpu', 'cpu.stat'),
      read('cpuacct', 'cpuacct.stat'),
      read('cpu', 'cpu.cfs_quota_us'),
      read('cpu', 'cpu.cfs_period_us'),
      read('cpu', 'cpu.shares'),
      read('memory', 'memory.stat'),
      read('memory', 'memory.max_usage_in_bytes'),
      read('memory', 'memory.failcnt'),
      read('memory', 'memory.kmem.usage_in_bytes'),
      read('memory', 'memory.oom_control'),
      read('memory', 'memory.soft_limit_in_bytes'),
      read('blkio', 'blkio.throttle.io_service_bytes_recursive'),
      read('blkio', 'blkio.throttle.io_serviced_recursive'),
      read('pids', 'pids.current'),
      read('pids', 'pids.max'),
    ])
  const [stat, time, use, kills] = [cpu, times, memory, oom].map((text) => fieldsOf(text ?? ''))
  return {
    cpu: known({
      userNanos: scaled(time?.get('user'), NANOS_PER_TICK),
      systemNanos: scaled(time?.get('system'), NANOS_PER_TICK),
      periods: stat?.get('nr_periods'),
      throttledPeriods: stat?.get('nr_throttled'),
      throttledNanos: stat?.get('throttled_time'),
      quotaMicros: quotaOf(numberIn(quota)),
      periodMicros: numberIn(period),
      shares: numberIn(shares),
    }),
    memory: known({
      cacheBytes: use?.get('total_cache'),
      mappedFileBytes: use?.get('total_mapped_file'),
      kernelBytes: numberIn(kernel),
      maxUsageBytes: numberIn(most),
      activeFileBytes: use?.get('total_active_file'),
      inactiveFileBytes: use?.get('total_inactive_file'),
      limitHits: numberIn(hits),
      reservedBytes: kept === undefined ? undefined : (limitIn(kept) ?? 0),
      outOfMemoryKills: kills?.get('oom_kill'),
    }),
    devices: devicesOfOne(bytes ?? '', counts ?? ''),
    ...known({ threads: numberIn(tasks), maxThreads: numberIn(maxTasks) }),
  }
}

/** `8:0 Read 4096` lines. */
function devicesOfOne(bytes: string, counts: string): readonly DeviceUse[] {
  const table = (text: string) => {
    const figures = new Map<string, number>()
    for (const line of text.split('\n')) {
      const [device = '', operation = '', value] = line.split(' ')
      if (value !== undefined) figures.set(`${device} ${operation}`, Number(value))
    }
    return figures
  }
  const [amounts, numbers] = [table(bytes), table(counts)]
  const devices = new Set([...amounts.keys()].flatMap((key) => key.split(' ').slice(0, 1)))
  return [...devices].map((device) => ({
    device,
    readBytes: amounts.get(`${device} Read`) ?? 0,
    writtenBytes: amounts.get(`${device} Write`) ?? 0,
    reads: numbers.get(`${device} Read`) ?? 0,
    writes: numbers.get(`${device} Write`) ?? 0,
  }))
}

async function versionTwo(cgroups: Cgroups, cgroup: string): Promise<CgroupDetails> {
  const read = (controller: string, file: string) => cgroups.read(cgroup, controller, file)
  const [cpu, bound, weight, memory, most, kept, events, io, tasks, maxTasks] = await Promise.all([
    read('cpu', 'cpu.stat'),
    read('cpu', 'cpu.max'),
    read('cpu', 'cpu.weight'),
    read('memory', 'memory.stat'),
    read('memory', 'memory.peak'),
    read('memory', 'memory.min'),
    read('memory', 'memory.events'),
    read('io', 'io.stat'),
    read('pids', 'pids.current'),
    read('pids', 'pids.max'),
  ])
  const [stat, use, event] = [cpu, memory, events].map((text) => fieldsOf(text ?? ''))
  const [quota, period] = (bound ?? '').trim().split(' ')
  const weighs = numberIn(weight)
  return {
    cpu: known({
      userNanos: scaled(stat?.get('user_usec'), 1000),
      systemNanos: scaled(stat?.get('system_usec'), 1000),
      periods: stat?.get('nr_periods'),
      throttledPeriods: stat?.get('nr_throttled'),
      throttledNanos: scaled(stat?.get('throttled_usec'), 1000),
      quotaMicros: numberIn(quota),
      periodMicros: numberIn(period),
      // In version 1's scale, as everybody shows it.
      shares: weighs === undefined ? undefined : Math.round(2 + ((weighs - 1) * 262_142) / 9999),
    }),
    memory: known({
      cacheBytes: use?.get('file'),
      mappedFileBytes: use?.get('file_mapped'),
      kernelBytes: use?.get('kernel'),
      maxUsageBytes: numberIn(most),
      activeFileBytes: use?.get('active_file'),
      inactiveFileBytes: use?.get('inactive_file'),
      limitHits: event?.get('max'),
      reservedBytes: numberIn(kept),
      outOfMemoryKills: event?.get('oom_kill'),
    }),
    devices: devicesOfTwo(io ?? ''),
    ...known({ threads: numberIn(tasks), maxThreads: numberIn(maxTasks) }),
  }
}

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0` lines. */
const devicesOfTwo = (text: string): readonly DeviceUse[] =>
  text.split('\n').flatMap((line) => {
    const [device = '', ...pairs] = line.trim().split(' ')
    if (pairs.length === 0) return []
    const values = new Map(pairs.map((pair) => pair.split('=') as [string, string]))
    const value = (of: string) => Number(values.get(of) ?? 0)
    return [
      {
        device,
        readBytes: value('rbytes'),
        writtenBytes: value('wbytes'),
        reads: value('rios'),
        writes: value('wios'),
      },
    ]
  })
