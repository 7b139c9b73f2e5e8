/**
 * Folders in which CSI drivers put volumes, and notes beside them that outlive the kubelet: what a driver was asked to
 * make, and not yet to take away.
 */

/** A volume that this node has, or is getting. */
export interface HeldVolume {
  /** The PersistentVolume's name; that of the Pod's own volume where there is none. */
  readonly name: string
  readonly driver: string
  readonly volumeHandle: string
  readonly isBlock: boolean
}

/** A volume in a Pod. */
export interface PublishedVolume extends HeldVolume {
  readonly uid: string
  readonly isInline: boolean
}

/** Paths are the host's. Every method may be repeated. */
export interface CsiFiles {
  /** What drivers were asked to make for Pods; of one Pod where `uid` is given. */
  published(uid?: string): Promise<readonly PublishedVolume[]>
  /** What drivers were asked to make for the node. */
  staged(): Promise<readonly HeldVolume[]>
  /** Where the driver puts a Pod's volume: a folder that it mounts on, or a device that it makes. */
  targetPath(volume: PublishedVolume): string
  /** Where it puts what all Pods of the node share: always a folder. */
  stagingPath(volume: HeldVolume): string
  /** Folders in which a device is noted, of the node and of the Pod. */
  mapPaths(volume: PublishedVolume): { readonly global: string; readonly ofPod: string }
  /** Notes the volume and makes the folder above its target. */
  notePublished(volume: PublishedVolume): Promise<void>
  /** Notes the volume and makes its staging folder. */
  noteStaged(volume: HeldVolume): Promise<void>
  /** Takes away the target, which the driver may have left, and the note. Throws where something is mounted. */
  forgetPublished(volume: PublishedVolume): Promise<void>
  forgetStaged(volume: HeldVolume): Promise<void>
  /** Unmounts what containers had of the Pod's volumes by sub-paths. */
  releaseSubPaths(uid: string): Promise<void>
}
