/**
 * The cgroups of Pods by quality of service: `kubepods/podUID`, `kubepods/burstable/podUID`, `kubepods/besteffort/podUID`
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/).
 */

import type { CgroupLimits, Cgroups } from '../../../linux/cgroups.ts'
import type { PodCgroup, PodCgroups } from '../host.ts'

const CLASSES: Readonly<Record<PodCgroup['qosClass'], string>> = {
  Guaranteed: '',
  Burstable: '/burstable',
  BestEffort: '/besteffort',
}

/** `root` is above `kubepods`: empty for a machine that is one node, a folder per node otherwise. */
export function linuxPodCgroups(cgroups: Cgroups, root: string): PodCgroups {
  const nameOf = (uid: string, qosClass: PodCgroup['qosClass']) => `${root}/kubepods${CLASSES[qosClass]}/pod${uid}`
  return {
    version: cgroups.version,
    parentOf: ({ uid, qosClass }) => nameOf(uid, qosClass),
    async ensure({ uid, qosClass, resources }) {
      const limits: CgroupLimits = {
        ...(resources.cpuShares !== undefined && { cpuShares: resources.cpuShares }),
        ...(resources.cpuQuota !== undefined && { cpuQuotaUs: resources.cpuQuota }),
        ...(resources.cpuPeriod !== undefined && { cpuPeriodUs: resources.cpuPeriod }),
        ...(resources.memoryLimitInBytes !== undefined && { memoryBytes: resources.memoryLimitInBytes }),
      }
      await cgroups.ensure(nameOf(uid, qosClass), limits)
    },
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
