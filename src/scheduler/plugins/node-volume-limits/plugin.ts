/** A node attaches no more volumes of a CSI driver than the driver says (https://kubernetes.io/docs/concepts/storage/storage-limits/). */

import type { PersistentVolumeClaim, Pod } from '../../../api/generated/core-v1.ts'
import type { CSINode } from '../../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimsOf, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { canMigrate, driverOfInTree, migratedDisk } from './migration.ts'

/** Handles of attached volumes by driver. */
type Attached = Map<string, Set<string>>
type Listers = Pick<VolumeListers, 'claims' | 'volumes' | 'classes' | 'csiNodes' | 'attachments'>
type ReadCsiNode = DeepReadonly<CSINode> | undefined

/** The index of `attachments` by the node they are on. */
export const BY_NODE = 'node'

export function nodeVolumeLimits(listers: Listers): SchedulerPlugin {
  return {
    name: 'NodeVolumeLimits',
    wakeOn: [
      'CSINode/add',
      'CSINode/update',
      'AssignedPod/delete',
      'PersistentVolumeClaim/add',
      'VolumeAttachment/delete',
    ],

    mayHelp(event, pod, { old, now }) {
      if (event === 'CSINode/update') return anyLimitGrew(old as DeepReadonly<CSINode>, now as DeepReadonly<CSINode>)
      if (event === 'AssignedPod/delete') return mayAttach(old as DeepReadonly<Pod>)
      if (event !== 'PersistentVolumeClaim/add') return true
      const { metadata } = now as DeepReadonly<PersistentVolumeClaim>
      const isNamed = claimsOf({ pod }, listers.claims).some(({ name }) => name === metadata.name)
      return isNamed && metadata.namespace === pod.metadata.namespace
    },

    preFilter: (_cycle, { pod }) => ({ verdict: mayAttach(pod) ? fits : skip }),

    filter(_cycle, pod, node) {
      const csiNode = listers.csiNodes.get(node.name)
      const missing = claimsOf(pod, listers.claims).find(({ claim }) => claim === undefined)
      if (missing !== undefined) {
        const key = `${pod.pod.metadata.namespace ?? ''}/${missing.name}`
        const why = `looking up PVC ${key}: persistentvolumeclaim "${missing.name}" not found`
        return rejected(why, { evictionMayHelp: false })
      }
      const limits = csiNode?.spec?.drivers ?? []
      if (!limits.some(({ allocatable }) => allocatable?.count !== undefined)) return fits
      const wanted = attach(pod, csiNode, listers, new Map())
      if (wanted.size === 0) return fits
      const attached: Attached = new Map()
      for (const other of node.pods.values()) attach(other, csiNode, listers, attached)
      const added = new Map([...wanted].map(([driver, handles]) => [driver, without(handles, attached.get(driver))]))
      attachForeign(node.name, listers, attached)
      for (const { name, allocatable } of limits) {
        const more = added.get(name)?.length ?? 0
        const there = attached.get(name)?.size ?? 0
        if (more > 0 && there + more > (allocatable?.count ?? Infinity))
          return rejected('node(s) exceed max volume count')
      }
      return fits
    },
  }
}

const without = (handles: ReadonlySet<string>, others: ReadonlySet<string> | undefined) =>
  [...handles].filter((handle) => others?.has(handle) !== true)

const mayAttach = ({ spec }: DeepReadonly<Pod>): boolean =>
  (spec?.volumes ?? []).some(
    (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined || canMigrate(volume),
  )

function anyLimitGrew(old: DeepReadonly<CSINode>, now: DeepReadonly<CSINode>): boolean {
  const limitsOf = ({ spec }: DeepReadonly<CSINode>) =>
    new Map((spec?.drivers ?? []).map(({ name, allocatable }) => [name, allocatable?.count ?? 0]))
  const before = limitsOf(old)
  return [...limitsOf(now)].some(([name, limit]) => limit > (before.get(name) ?? 0))
}

const note = (into: Attached, driver: string, handle: string) =>
  into.set(driver, (into.get(driver) ?? new Set<string>()).add(handle))

/** Adds what a Pod has attached: the volumes of its claims, and disks whose driver has moved to CSI. */
function attach(pod: PodInfo, csiNode: ReadCsiNode, listers: Listers, into: Attached): Attached {
  for (const { name, claim } of claimsOf(pod, listers.claims)) {
    if (claim === undefined) continue
    const volume = listers.volumes.get(claim.spec?.volumeName ?? '')
    if (volume === undefined) {
      const provisioner = listers.classes.get(claim.spec?.storageClassName ?? '')?.provisioner
      const driver = provisioner === undefined ? undefined : driverOfInTree(provisioner, csiNode)
      // Nobody knows the handle of a volume that is not there yet; it is another one for each claim.
      if (driver !== undefined) note(into, driver, `${pod.pod.metadata.namespace ?? ''}/${name}`)
      continue
    }
    const disk = volume.spec?.csi ?? migratedDisk(volume.spec ?? {}, csiNode)
    if (disk !== undefined) note(into, disk.driver, disk.volumeHandle)
  }
  for (const volume of pod.pod.spec?.volumes ?? []) {
    const disk = migratedDisk(volume, csiNode)
    if (disk !== undefined) note(into, disk.driver, disk.volumeHandle)
  }
  return into
}

/** Adds what is attached without a Pod that we know of. */
function attachForeign(nodeName: string, { attachments, volumes }: Listers, into: Attached): void {
  for (const { spec } of attachments.byIndex(BY_NODE, nodeName)) {
    const csi = volumes.get(spec.source.persistentVolumeName ?? '')?.spec?.csi
    if (csi !== undefined && spec.attacher !== '') note(into, spec.attacher, csi.volumeHandle)
  }
}
