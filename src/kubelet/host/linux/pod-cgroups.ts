/**
 * The cgroups of Pods by quality of service: `kubepods/podUID`, `kubepods/burstable/podUID`, `kubepods/besteffort/podUID`
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/).
 */

import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { CgroupLimits, Cgroups } from '../../../linux/cgroups.ts'
import type { LinuxContainerResources } from '../../cri/runtime.ts'
import type { CgroupOwner, PodCgroup, PodCgroups } from '../host.ts'
import { deviceName } from './block-devices.ts'
import { cgroupDetails } from './cgroup-details.ts'
import { cgroupLimits } from './cgroup-limits.ts'
import { cgroupPressure, cgroupUsage } from './cgroup-usage.ts'
import { parseInterfaces } from './interfaces.ts'
import { processUse } from './open-files.ts'

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
  const cgroupOf = (uid: string, qosClass: PodCgroup['qosClass']) =>
    `${podsCgroupOf(root)}${CLASSES[qosClass]}/pod${uid}`
  const partOf = ({ uid, qosClass }: CgroupOwner, container?: string) =>
    container === undefined ? cgroupOf(uid, qosClass) : `${cgroupOf(uid, qosClass)}/${container}`
  return {
    version: cgroups.version,
    parentOf: ({ uid, qosClass }) => cgroupOf(uid, qosClass),
    async ensure({ uid, qosClass, resources, unified, pids }) {
      const limits: CgroupLimits = {
        ...(resources.cpuShares !== undefined && { cpuShares: resources.cpuShares }),
        ...(resources.cpuQuota !== undefined && { cpuQuotaUs: resources.cpuQuota }),
        ...(resources.cpuPeriod !== undefined && { cpuPeriodUs: resources.cpuPeriod }),
        ...(resources.memoryLimitInBytes !== undefined && { memoryBytes: resources.memoryLimitInBytes }),
        ...(unified !== undefined && { unified }),
        ...(pids !== undefined && { pids }),
        ...(resources.hugepageLimits !== undefined && { hugepages: bySize(resources.hugepageLimits) }),
      }
      await cgroups.ensure(cgroupOf(uid, qosClass), limits)
    },
    setFiles: (pod, files, container) => cgroups.setFiles(partOf(pod, container), files),
    limits: (pod) => cgroupLimits(cgroups, partOf(pod)),
    async limitAll(limits) {
      await cgroups.ensure(podsCgroupOf(root), limits)
      await cgroups.ensure(`${podsCgroupOf(root)}${CLASSES.BestEffort}`, { cpuShares: LEAST_SHARES })
    },
    async settleClasses({ burstableShares: cpuShares, kept }) {
      const all = podsCgroupOf(root)
      // Nothing is kept below that is not kept above.
      const min = kept && { 'memory.min': String(kept.guaranteed + kept.burstable) }
      const low = kept && { 'memory.low': String(kept.burstable) }
      if (min !== undefined) await cgroups.ensure(all, { unified: min })
      await cgroups.ensure(`${all}${CLASSES.Burstable}`, { cpuShares, ...(low !== undefined && { unified: low }) })
    },
    async boundsSwap() {
      await cgroups.ensure(podsCgroupOf(root), {})
      const file = cgroups.version === 1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max'
      return (await cgroups.read(podsCgroupOf(root), 'memory', file)) !== undefined
    },
    usage: (pod) => cgroupUsage(cgroups, partOf(pod)),
    containerUsage: (pod, container) => cgroupUsage(cgroups, partOf(pod, container)),
    async details(pod, container) {
      const found = await cgroupDetails(cgroups, partOf(pod, container))
      const devices = await Promise.all(
        found.devices.map(async (use) => ({ ...use, device: await deviceName(use.device) })),
      )
      const processes = await processUse(await cgroups.processes(partOf(pod, container)))
      return { ...found, devices, processes }
    },
    pressure: (pod, container) => cgroupPressure(cgroups, partOf(pod, container)),
    interfaces: (pod) => interfacesOf(cgroups, partOf(pod)),
    async remove(uid) {
      for (const qosClass of Object.keys(CLASSES) as PodCgroup['qosClass'][]) {
        const name = cgroupOf(uid, qosClass)
        // A runtime that was killed while it made a container may have forgotten a process of it.
        for (const pid of await cgroups.processes(name)) end(pid)
        await cgroups.remove(name)
      }
    },
  }
}

const bySize = (limits: NonNullable<LinuxContainerResources['hugepageLimits']>) =>
  new Map(limits.map(({ pageSize, limit }) => [pageSize, limit]))

/** All processes of a Pod are in its network namespace, so the first that still lives tells. */
async function interfacesOf(cgroups: Cgroups, cgroup: string) {
  for (const child of ['', ...(await cgroups.children(cgroup))]) {
    const pids = (await cgroups.read(path.join(cgroup, child), 'memory', 'cgroup.procs')) ?? ''
    for (const pid of pids.split('\n').filter((line) => line !== '')) {
      const text = await readFile(`/proc/${pid}/net/dev`, 'utf8').catch(() => undefined)
      if (text !== undefined) return parseInterfaces(text)
    }
  }
  return []
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has just ended by itself
  }
}
