/** Disks of older kinds that a CSI driver looks after today (https://kubernetes.io/docs/concepts/storage/volumes/#csi-migration). */

import type { PersistentVolumeSpec, Volume } from '../../../api/generated/core-v1.ts'
import type { CSINode } from '../../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'

/** On a CSINode: the older plugins whose volumes the node's CSI drivers take. */
const MIGRATED = 'storage.alpha.kubernetes.io/migrated-plugins'

const DRIVERS: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
}

type Source = DeepReadonly<Partial<Volume> | PersistentVolumeSpec>
type ReadCsiNode = DeepReadonly<CSINode> | undefined

const isMigrated = (plugin: string, csiNode: ReadCsiNode): boolean =>
  (csiNode?.metadata.annotations?.[MIGRATED] ?? '').split(',').includes(plugin)

/** The CSI driver behind a provisioner; undefined for one of the older plugins that the node has not moved to CSI. */
export function driverOfInTree(provisioner: string, csiNode: ReadCsiNode): string | undefined {
  const driver = Object.hasOwn(DRIVERS, provisioner) ? DRIVERS[provisioner] : undefined
  if (driver === undefined) return provisioner
  return isMigrated(provisioner, csiNode) ? driver : undefined
}

/** Whether a CSI driver could look after the disk, if the node has moved to it. */
export const canMigrate = (source: Source): boolean => inTree(source) !== undefined

/** The older disk as its driver knows it, where the node has moved to the driver. */
export function migratedDisk(
  source: Source,
  csiNode: ReadCsiNode,
): { readonly driver: string; readonly volumeHandle: string } | undefined {
  const [plugin, volumeHandle] = inTree(source) ?? []
  if (plugin === undefined || volumeHandle === undefined || !isMigrated(plugin, csiNode)) return undefined
  return { driver: DRIVERS[plugin] ?? '', volumeHandle }
}

function inTree(source: Source): readonly [plugin: string, handle: string] | undefined {
  if (source.awsElasticBlockStore) return ['kubernetes.io/aws-ebs', source.awsElasticBlockStore.volumeID]
  if (source.gcePersistentDisk) return ['kubernetes.io/gce-pd', source.gcePersistentDisk.pdName]
  if (source.cinder) return ['kubernetes.io/cinder', source.cinder.volumeID]
  if (source.azureDisk) return ['kubernetes.io/azure-disk', source.azureDisk.diskURI]
  if (source.azureFile) return ['kubernetes.io/azure-file', source.azureFile.shareName]
  if (source.vsphereVolume) return ['kubernetes.io/vsphere-volume', source.vsphereVolume.volumePath]
  if (source.portworxVolume) return ['kubernetes.io/portworx-volume', source.portworxVolume.volumeID]
  return undefined
}
