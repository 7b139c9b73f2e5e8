/**
 * How the parts of a cluster call a volume of a CSI driver; drivers' programs rely on these names
 * (https://kubernetes-csi.github.io/docs/).
 */

import { createHash } from 'node:crypto'

/** What the driver knows a volume by. */
export interface CsiHandle {
  readonly driver: string
  readonly volumeHandle: string
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** How nodes name the volume in their status. */
export const uniqueVolumeName = ({ driver, volumeHandle }: CsiHandle): string =>
  `kubernetes.io/csi/${driver}^${volumeHandle}`

/** The name of the VolumeAttachment that asks the driver to attach the volume to the node. */
export const attachmentName = ({ driver, volumeHandle }: CsiHandle, node: string): string =>
  `csi-${sha256(`${volumeHandle}${driver}${node}`)}`

/** The handle of a volume that lives and dies with its Pod. */
export const inlineVolumeHandle = (podUid: string, volume: string): string => `csi-${sha256(`${podUid}${volume}`)}`

/** The folder of a volume among those of its driver. */
export const stagingFolder = (volumeHandle: string): string => sha256(volumeHandle)
