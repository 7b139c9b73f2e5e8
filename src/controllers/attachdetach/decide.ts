/** Which volumes must be attached to which nodes, and which must not (https://kubernetes.io/docs/concepts/storage/volumes/#csi). Pure. */

import { attachmentName, type CsiHandle, uniqueVolumeName } from '../../api/core/v1/persistentvolume/csi-names.ts'
import type { Node, PersistentVolume } from '../../api/generated/core-v1.ts'
import type { VolumeAttachment } from '../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'

export type ReadVolume = DeepReadonly<PersistentVolume>
export type ReadAttachment = DeepReadonly<VolumeAttachment>
export type ReadNode = DeepReadonly<Node>

/** So long a node that is not well may go on using a volume that is wanted elsewhere. */
const FORCE_MS = 360_000

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

export const nodeOf = ({ spec }: ReadAttachment): string => spec.nodeName

const csiOf = ({ spec }: ReadVolume): CsiHandle => {
  const { driver = '', volumeHandle = '' } = spec?.csi ?? {}
  return { driver, volumeHandle }
}

/** How nodes name the volume in their status. */
export const uniqueName = (volume: ReadVolume): string => uniqueVolumeName(csiOf(volume))

/** The name of the VolumeAttachment of a volume and a node. */
export const attachmentOf = (volume: ReadVolume, node: string): string => attachmentName(csiOf(volume), node)

/** Whether several nodes may have the volume at once. */
function isShareable({ spec }: ReadVolume): boolean {
  const { accessModes = [] } = spec ?? {}
  return accessModes.length === 0 || accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')
}

/** Whether a volume that is not wanted there may be taken from a node, or after how long. */
export function mayDetach(
  volumeName: string,
  node: ReadNode | undefined,
  waitedMs: number,
): true | { readonly waitMs: number } {
  if (node === undefined) return true
  const isMounted = node.status?.volumesInUse?.includes(volumeName) === true
  if (!isMounted || node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true) return true
  const isWell = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  if (!isWell && waitedMs > FORCE_MS) return true
  return { waitMs: Math.max(1_000, FORCE_MS - waitedMs + 1) }
}

export interface AttachView {
  readonly volume: ReadVolume
  /** Who wants the volume, and is bound to a node. */
  readonly pods: readonly ReadPod[]
  readonly attachments: readonly ReadAttachment[]
}

export interface AttachPlan {
  readonly attach: readonly string[]
  readonly detach: readonly ReadAttachment[]
  /** Nodes that wait, for the volume is another's. */
  readonly blocked: readonly string[]
}

export function planAttachments({ volume, pods, attachments }: AttachView): AttachPlan {
  const wanted = new Set(pods.map((pod) => pod.spec?.nodeName ?? ''))
  const has = new Set(attachments.map(nodeOf))
  const detach = attachments.filter((attachment) => !wanted.has(nodeOf(attachment)) && !isDeleting(attachment))
  const missing = [...wanted].filter((node) => !has.has(node))
  if (isShareable(volume)) return { attach: missing, detach, blocked: [] }
  // One at a time, whoever wants it.
  const [first, ...others] = missing
  if (first === undefined || has.size > 0) return { attach: [], detach, blocked: missing }
  return { attach: [first], detach, blocked: others }
}

/** What a Pod is told that waits for a volume of another node; `others` use it there. */
export function blockedNote(volume: ReadVolume, pod: ReadPod, others: readonly ReadPod[]): string {
  const about = `Multi-Attach error for volume "${nameOf(volume)}"`
  if (others.length === 0)
    return `${about} Volume is already exclusively attached to one node and can't be attached to another`
  const near = others.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
  const far = others.length - near.length
  const places = 'in different namespaces'
  if (near.length === 0) return `${about} Volume is already used by ${far} pod(s) ${places}`
  const used = `${about} Volume is already used by pod(s) ${near.map(nameOf).join(', ')}`
  return far > 0 ? `${used} and ${far} pod(s) ${places}` : used
}
