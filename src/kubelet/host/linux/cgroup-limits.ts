/** What a control group is set to, in the files of version 1 or 2 (cgroups(7), https://docs.kernel.org/admin-guide/cgroup-v2.html). */

import { type Cgroups, sharesOf } from '../../../linux/cgroups.ts'
import type { LinuxContainerResources } from '../../cri/runtime.ts'
import { limitIn, numberIn } from './cgroup-usage.ts'

/** Its CPU and memory; what has no limit, or is not there, is absent. */
export async function cgroupLimits(cgroups: Cgroups, cgroup: string): Promise<LinuxContainerResources> {
  const read = (controller: string, file: string) => cgroups.read(cgroup, controller, file)
  if (cgroups.version === 1) {
    const [shares, quota, period, memory] = await Promise.all([
      read('cpu', 'cpu.shares'),
      read('cpu', 'cpu.cfs_quota_us'),
      read('cpu', 'cpu.cfs_period_us'),
      read('memory', 'memory.limit_in_bytes'),
    ])
    return limits(numberIn(shares), numberIn(quota), numberIn(period), limitIn(memory))
  }
  const [weight, cpu, memory] = await Promise.all([
    read('cpu', 'cpu.weight'),
    read('cpu', 'cpu.max'),
    read('memory', 'memory.max'),
  ])
  const [quota, period] = (cpu ?? '').split(' ').map(numberIn)
  const shares = numberIn(weight)
  return limits(shares === undefined ? undefined : sharesOf(shares), quota, period, limitIn(memory))
}

function limits(cpuShares?: number, cpuQuota?: number, cpuPeriod?: number, memoryLimitInBytes?: number) {
  const isLimited = cpuQuota !== undefined && cpuQuota > 0 && cpuPeriod !== undefined
  return {
    ...(cpuShares !== undefined && { cpuShares }),
    ...(isLimited && { cpuQuota, cpuPeriod }),
    ...(memoryLimitInBytes !== undefined && { memoryLimitInBytes }),
  }
}
