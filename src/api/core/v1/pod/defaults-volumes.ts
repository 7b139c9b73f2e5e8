/** What Kubernetes fills into volumes (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/). */

import type {
  AzureDiskVolumeSource,
  DownwardAPIVolumeFile,
  PersistentVolumeClaimSpec,
  ProjectedVolumeSource,
  RBDPersistentVolumeSource,
  RBDVolumeSource,
  ScaleIOPersistentVolumeSource,
  ScaleIOVolumeSource,
  Volume,
} from '../../../generated/core-v1.ts'
import { roundRequirements } from '../round-amounts.ts'
import { pullPolicyFor } from './image.ts'

/** rw-r--r-- */
const FILE_MODE = 0o644

/** Fills in one volume of a Pod. A volume without a source is an empty folder. */
export function defaultVolume(volume: Volume): void {
  if (!hasSource(volume)) volume.emptyDir = {}
  const { secret, configMap, downwardAPI, projected, hostPath, iscsi, rbd, azureDisk, scaleIO, ephemeral, image } =
    volume
  if (secret !== undefined) secret.defaultMode ??= FILE_MODE
  if (configMap !== undefined) configMap.defaultMode ??= FILE_MODE
  if (downwardAPI !== undefined) {
    downwardAPI.defaultMode ??= FILE_MODE
    defaultDownwardItems(downwardAPI.items)
  }
  if (projected !== undefined) defaultProjected(projected)
  if (hostPath !== undefined) hostPath.type ??= ''
  if (iscsi !== undefined) iscsi.iscsiInterface ??= 'default'
  if (rbd !== undefined) defaultRbd(rbd)
  if (azureDisk !== undefined) defaultAzureDisk(azureDisk)
  if (scaleIO !== undefined) defaultScaleIO(scaleIO)
  if (ephemeral?.volumeClaimTemplate?.spec !== undefined) defaultClaimSpec(ephemeral.volumeClaimTemplate.spec)
  if (image !== undefined) image.pullPolicy ??= pullPolicyFor(image.reference)
}

function hasSource(volume: Volume): boolean {
  return Object.entries(volume).some(([field, source]) => field !== 'name' && source !== undefined)
}

function defaultProjected(projected: ProjectedVolumeSource): void {
  projected.defaultMode ??= FILE_MODE
  for (const { serviceAccountToken, downwardAPI } of projected.sources ?? []) {
    if (serviceAccountToken !== undefined) serviceAccountToken.expirationSeconds ??= 3600
    defaultDownwardItems(downwardAPI?.items)
  }
}

function defaultDownwardItems(items: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const { fieldRef } of items ?? []) if (fieldRef !== undefined) fieldRef.apiVersion ??= 'v1'
}

/** Ceph's block devices; shared with PersistentVolumes, as the two below. */
export function defaultRbd(rbd: RBDVolumeSource | RBDPersistentVolumeSource): void {
  rbd.pool ??= 'rbd'
  rbd.user ??= 'admin'
  rbd.keyring ??= '/etc/ceph/keyring'
}

export function defaultAzureDisk(disk: AzureDiskVolumeSource): void {
  disk.cachingMode ??= 'ReadWrite'
  disk.kind ??= 'Shared'
  disk.fsType ??= 'ext4'
  disk.readOnly ??= false
}

export function defaultScaleIO(scaleIO: ScaleIOVolumeSource | ScaleIOPersistentVolumeSource): void {
  scaleIO.storageMode ??= 'ThinProvisioned'
  scaleIO.fsType ??= 'xfs'
}

/** What a claim, or the template of one, gets. */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
  roundRequirements(spec.resources)
}
