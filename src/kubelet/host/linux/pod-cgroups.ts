/**
 * The cgroups of Pods by quality of service: `kubepods/podUID`, `kubepods/burstable/podUID`, `kubepods/besteffort/podUID`
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/).
 */

import type { CgroupLimits, Cgroups } from '../../../linux/cgroups.ts'
import type { PodCgroup, PodCgroups } from '../host.ts'
import { cgroupUsage } from './usage.ts'

const CLASSES: Readonly<Record<PodCgroup['qosClass'], string>> = {
  Guaranteed: '',
  Burstable: '/burstable',
  BestEffort: '/besteffort',
}

/** The cgroup of all Pods of a node. */
export const podsCgroupOf = (root: string): string => `${root}/kubepods`

/** The least weight that there is: who asks for nothing gets what nobody else wants. */
const LEAST_SHARES = 2

/** `root` is above `kubepods`: empty for a machine that is one node, a folder per node otherwise. */
export function linuxPodCgroups(cgroups: Cgroups, root: string): PodCgroups {
  const nameOf = (uid: string, qosClass: PodCgroup['qosClass']) => `${podsCgroupOf(root)}${CLASSES[qosClass]}/pod${uid}`
  return {
    version: cgroups.version,
    parentOf: ({ uid, qosClass }) => nameOf(uid, qosClass),
    async ensure({ uid, qosClass, resources, pids }) {
      const limits: CgroupLimits = {
        ...(resources.cpuShares !== undefined && { cpuShares: resources.cpuShares }),
        ...(resources.cpuQuota !== undefined && { cpuQuotaUs: resources.cpuQuota }),
        ...(resources.cpuPeriod !== undefined && { cpuPeriodUs: resources.cpuPeriod }),
        ...(resources.memoryLimitInBytes !== undefined && { memoryBytes: resources.memoryLimitInBytes }),
        ...(pids !== undefined && { pids }),
      }
      await cgroups.ensure(nameOf(uid, qosClass), limits)
    },
    async limitAll(limits) {
      await cgroups.ensure(podsCgroupOf(root), limits)
      await cgroups.ensure(`${podsCgroupOf(root)}${CLASSES.BestEffort}`, { cpuShares: LEAST_SHARES })
    },
    weighBurstable: (cpuShares) => cgroups.ensure(`${podsCgroupOf(root)}${CLASSES.Burstable}`, { cpuShares }),
    usage: ({ uid, qosClass }) => cgroupUsage(cgroups, nameOf(uid, qosClass)),
    async remove(uid) {
      for (const qosClass of Object.keys(CLASSES) as PodCgroup['qosClass'][]) {
        const name = nameOf(uid, qosClass)
        // A runtime that was killed while it made a container may have forgotten a process of it.
        for (const pid of await cgroups.processes(name)) end(pid)
        await cgroups.remove(name)
      }
    },
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has just ended by itself
  }
}
