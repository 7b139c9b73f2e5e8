/** Disks named in a Pod itself that bear only one writer, or only one Pod, on a node. */

import type { Pod, Volume } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'

type Disk = DeepReadonly<Volume>

/** Whether the volume can be in the way of another. */
export const isExclusiveDisk = ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Disk): boolean =>
  (gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi) !== undefined

/** Whether the Pod has the same disk, and not both only read it. An EBS disk is never shared. */
export function conflictsWith(disk: Disk, { spec }: DeepReadonly<Pod>): boolean {
  return (spec?.volumes ?? []).some(
    (other) => isSameGce(disk, other) || isSameEbs(disk, other) || isSameIscsi(disk, other) || isSameRbd(disk, other),
  )
}

interface Readable {
  readonly readOnly?: boolean
}

const isWritten = (a: Readable, b: Readable): boolean => a.readOnly !== true || b.readOnly !== true

function isSameGce({ gcePersistentDisk: a }: Disk, { gcePersistentDisk: b }: Disk): boolean {
  return a !== undefined && b !== undefined && a.pdName === b.pdName && isWritten(a, b)
}

function isSameEbs({ awsElasticBlockStore: a }: Disk, { awsElasticBlockStore: b }: Disk): boolean {
  return a !== undefined && b !== undefined && a.volumeID === b.volumeID
}

function isSameIscsi({ iscsi: a }: Disk, { iscsi: b }: Disk): boolean {
  return a !== undefined && b !== undefined && a.iqn === b.iqn && isWritten(a, b)
}

/** An image is the same when pool and name are, and the clusters share a monitor. */
function isSameRbd({ rbd: a }: Disk, { rbd: b }: Disk): boolean {
  if (a === undefined || b === undefined || a.pool !== b.pool || a.image !== b.image) return false
  return a.monitors.some((monitor) => b.monitors.includes(monitor)) && isWritten(a, b)
}
