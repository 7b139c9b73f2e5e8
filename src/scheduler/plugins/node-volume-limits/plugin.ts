/** A node attaches no more volumes of a CSI driver than the driver says (https://kubernetes.io/docs/concepts/storage/storage-limits/). */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimsOf, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'

/** Handles of attached volumes by driver. */
type Attached = Map<string, Set<string>>

export function nodeVolumeLimits(listers: VolumeListers): SchedulerPlugin {
  const { claims, volumes, classes, csiNodes } = listers
  const attach = (pod: PodInfo, into: Attached) => {
    for (const { name, claim } of claimsOf(pod, claims)) {
      const csi = volumes.get(claim?.spec?.volumeName ?? '')?.spec?.csi
      const driver = csi?.driver ?? classes.get(claim?.spec?.storageClassName ?? '')?.provisioner
      if (driver === undefined) continue
      const handle = csi?.volumeHandle ?? `${pod.pod.metadata.namespace ?? ''}/${name}`
      into.set(driver, (into.get(driver) ?? new Set<string>()).add(handle))
    }
    return into
  }
  return {
    name: 'NodeVolumeLimits',
    wakeOn: ['CSINode/add', 'CSINode/update', 'AssignedPod/delete', 'PersistentVolumeClaim/add'],

    preFilter: (_cycle, pod) => ({ verdict: claimsOf(pod, claims).length === 0 ? skip : fits }),

    filter(_cycle, pod, node) {
      const limits = csiNodes.get(node.name)?.spec?.drivers ?? []
      if (!limits.some(({ allocatable }) => allocatable?.count !== undefined)) return fits
      const wanted = attach(pod, new Map())
      const attached: Attached = new Map()
      for (const other of node.pods.values()) attach(other, attached)
      for (const { name, allocatable } of limits) {
        const [there, more] = [attached.get(name) ?? new Set(), wanted.get(name) ?? new Set()]
        const added = [...more].filter((handle) => !there.has(handle)).length
        if (added > 0 && there.size + added > (allocatable?.count ?? Infinity))
          return rejected('node(s) exceed max volume count')
      }
      return fits
    },
  }
}
