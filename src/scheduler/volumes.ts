/** What the scheduler knows of volumes, kept by informers, and the events that their changes are. */

import type { InformerFactory } from '../client/informer.ts'
import {
  CSI_DRIVERS,
  CSI_NODES,
  CSI_STORAGE_CAPACITIES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  STORAGE_CLASSES,
  VOLUME_ATTACHMENTS,
} from '../client/resources.ts'
import type { VolumeListers } from './framework/pod-claims.ts'
import type { Change } from './framework/plugin.ts'
import type { ClusterEvent } from './queue/cluster-event.ts'

/** The informers about volumes. */
export function volumeInformers(informers: InformerFactory) {
  return {
    claims: informers.of(PERSISTENT_VOLUME_CLAIMS),
    volumes: informers.of(PERSISTENT_VOLUMES),
    classes: informers.of(STORAGE_CLASSES),
    csiNodes: informers.of(CSI_NODES),
    csiDrivers: informers.of(CSI_DRIVERS),
    capacities: informers.of(CSI_STORAGE_CAPACITIES),
    attachments: informers.of(VOLUME_ATTACHMENTS),
  } satisfies VolumeListers
}

type Kind =
  | 'PersistentVolumeClaim'
  | 'PersistentVolume'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'

/** Tells of every change. The answer ends it. */
export function followVolumes(
  { claims, volumes, classes, csiNodes, csiDrivers, capacities, attachments }: ReturnType<typeof volumeInformers>,
  happened: (event: ClusterEvent, change: Change) => void,
): () => void {
  const tell = (kind: Kind) => ({
    added: (now: unknown) => happened(`${kind}/add`, { now }),
    updated: (now: unknown, old: unknown) => happened(`${kind}/update`, { now, old }),
  })
  const leave = [
    claims.on(tell('PersistentVolumeClaim')),
    volumes.on(tell('PersistentVolume')),
    classes.on(tell('StorageClass')),
    csiNodes.on(tell('CSINode')),
    csiDrivers.on(tell('CSIDriver')),
    capacities.on(tell('CSIStorageCapacity')),
    attachments.on({ deleted: (old) => happened('VolumeAttachment/delete', { old }) }),
  ]
  return () => leave.forEach((stop) => stop())
}
