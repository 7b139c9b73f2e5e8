/** What is counted of a control group, in the files of version 1 or 2 (cgroups(7), https://docs.kernel.org/admin-guide/cgroup-v2.html). */

import type { Cgroups } from '../../../linux/cgroups.ts'
import type { CgroupPressure, CgroupUsage, Pressure, StallTime } from '../usage.ts'

/** A limit beyond this is none: version 1 tells the largest number it can hold. */
const NO_LIMIT = 2 ** 60

/** The one number that a file holds; `undefined` when it is not there or holds none. */
export const numberIn = (text: string | undefined): number | undefined => {
  const word = text?.trim() ?? ''
  return word === '' || Number.isNaN(Number(word)) ? undefined : Number(word)
}

/** `name value` lines, as memory.stat and cpu.stat have them. */
export function fieldsOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', value]) => [name, Number(value)]),
  )
}

/** What a file says of a limit; `undefined`: there is none. */
export const limitIn = (text: string | undefined) => {
  const limit = numberIn(text)
  return limit === undefined || limit >= NO_LIMIT ? undefined : limit
}

/** What a cgroup uses with all below it; `undefined`: it is not there, or does not count memory. */
export async function cgroupUsage(cgroups: Cgroups, cgroup: string): Promise<CgroupUsage | undefined> {
  const isFirst = cgroups.version === 1
  const read = (controller: string, first: string, second: string) =>
    cgroups.read(cgroup, controller, isFirst ? first : second)
  const [current, stats, limit, cpu, pids, swap, both] = await Promise.all([
    read('memory', 'memory.usage_in_bytes', 'memory.current'),
    cgroups.read(cgroup, 'memory', 'memory.stat'),
    read('memory', 'memory.limit_in_bytes', 'memory.max'),
    isFirst ? cgroups.read(cgroup, 'cpuacct', 'cpuacct.usage') : cgroups.read(cgroup, 'cpu', 'cpu.stat'),
    cgroups.read(cgroup, 'pids', 'pids.current'),
    isFirst ? undefined : cgroups.read(cgroup, 'memory', 'memory.swap.current'),
    // Version 1 bounds memory and swap together.
    read('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max'),
  ])
  const usageBytes = numberIn(current)
  if (usageBytes === undefined || stats === undefined) return undefined
  const fields = fieldsOf(stats)
  const field = (first: string, second: string) => fields.get(isFirst ? first : second) ?? 0
  const memoryLimitBytes = limitIn(limit)
  const swapBytes = isFirst ? fields.get('total_swap') : numberIn(swap)
  const bound = limitIn(both)
  const swapLimitBytes = bound === undefined || !isFirst ? bound : Math.max(0, bound - (memoryLimitBytes ?? 0))
  return {
    cpuNanos: isFirst ? (numberIn(cpu) ?? 0) : 1000 * (fieldsOf(cpu ?? '').get('usage_usec') ?? 0),
    memory: {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - field('total_inactive_file', 'inactive_file')),
      rssBytes: field('total_rss', 'anon'),
      pageFaults: field('total_pgfault', 'pgfault'),
      majorPageFaults: field('total_pgmajfault', 'pgmajfault'),
      ...(swapBytes !== undefined && { swapBytes }),
    },
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    ...(swapLimitBytes !== undefined && { swapLimitBytes }),
    processes: numberIn(pids) ?? 0,
  }
}

/** How long its tasks have waited. Version 1 does not tell. */
export async function cgroupPressure(cgroups: Cgroups, cgroup: string): Promise<CgroupPressure> {
  if (cgroups.version === 1) return {}
  const [cpu, memory, io] = await Promise.all(
    ['cpu', 'memory', 'io'].map(async (name) => parsePressure(await cgroups.read(cgroup, name, `${name}.pressure`))),
  )
  return { ...(cpu && { cpu }), ...(memory && { memory }), ...(io && { io }) }
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and the same of `full`. */
function parsePressure(text: string | undefined): Pressure | undefined {
  const lines = new Map(
    (text ?? '').split('\n').map((line): [string, StallTime] => {
      const [name = '', ...pairs] = line.split(' ')
      const values = new Map(pairs.map((pair) => pair.split('=') as [string, string]))
      const value = (of: string) => Number(values.get(of) ?? 0)
      return [
        name,
        { totalMicros: value('total'), avg10: value('avg10'), avg60: value('avg60'), avg300: value('avg300') },
      ]
    }),
  )
  const some = lines.get('some')
  return some === undefined ? undefined : { some, full: lines.get('full') ?? NEVER }
}

const NEVER: StallTime = { totalMicros: 0, avg10: 0, avg60: 0, avg300: 0 }
