/**
 * Volumes that a Pod has through a claim: folders and block devices of this node
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/).
 */

import { isLocalPath } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolume } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import { namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import type { MadeVolume, VolumeSources } from './pod-volumes.ts'
import type { ObjectAt } from './referenced-objects.ts'

/** Which claim, and how the Pod's containers use it. */
export interface ClaimUse extends ObjectAt {
  /** The volume's name in the Pod. */
  readonly volume: string
  readonly readOnly: boolean
  readonly isMounted: boolean
  readonly isDevice: boolean
}

/** Throws when the claim has no volume, or one that this node cannot give. */
export async function makeClaimed(pod: PodView, use: ClaimUse, sources: VolumeSources): Promise<MadeVolume> {
  const { namespace, name, volume: volumeName } = use
  const claim = await sources.claim({ namespace, name })
  if (claim === undefined) throw new Error(`persistentvolumeclaim "${name}" not found`)
  const bound = claim.spec?.volumeName ?? ''
  if (bound === '' || claim.status?.phase !== 'Bound') throw new Error(`PVC is not bound: ${namespace}/${name}`)
  const volume = await sources.persistentVolume(bound)
  if (volume === undefined) throw new Error(`persistentvolume "${bound}" not found`)
  const mode = volume.spec?.volumeMode ?? 'Filesystem'
  if (mode === 'Block' && use.isMounted) {
    throw new Error(`volume ${volumeName} has volumeMode Block, but is specified in volumeMounts`)
  }
  if (mode !== 'Block' && use.isDevice) {
    throw new Error(`volume ${volumeName} has volumeMode ${mode}, but is specified in volumeDevices`)
  }
  return mode === 'Block' ? makeDevice(pod, volume, use, sources) : makeFolder(pod, volume, use, sources)
}

const unsupported = (volume: DeepReadonly<PersistentVolume>) =>
  new Error(`persistent volume "${volume.metadata.name ?? ''}" is of a type that this kubelet does not support`)

async function makeFolder(
  pod: PodView,
  volume: DeepReadonly<PersistentVolume>,
  { readOnly }: ClaimUse,
  { files }: VolumeSources,
): Promise<MadeVolume> {
  const { hostPath, local } = volume.spec ?? {}
  if (hostPath !== undefined) {
    return { kind: 'path', path: await files.hostPath(hostPath.path, hostPath.type ?? ''), readOnly, isManaged: false }
  }
  if (local === undefined) throw unsupported(volume)
  const path = isLocalPath(volume)
    ? await files.local.make(volume.metadata.name ?? '')
    : await files.hostPath(local.path, 'Directory')
  const { fsGroup, fsGroupChangePolicy = 'Always' } = specOf(pod).securityContext ?? {}
  if (fsGroup !== undefined && !readOnly) await files.setGroup(path, fsGroup, fsGroupChangePolicy)
  return { kind: 'path', path, readOnly, isManaged: true }
}

async function makeDevice(
  pod: PodView,
  volume: DeepReadonly<PersistentVolume>,
  { readOnly }: ClaimUse,
  { files }: VolumeSources,
): Promise<MadeVolume> {
  const { local, capacity } = volume.spec ?? {}
  if (local === undefined) throw unsupported(volume)
  if (!isLocalPath(volume)) return { kind: 'device', path: await files.hostPath(local.path, 'BlockDevice'), readOnly }
  const request = {
    uid: namesOf(pod).uid,
    volume: volume.metadata.name ?? '',
    sizeBytes: quantityValue(capacity?.['storage'] ?? '0'),
  }
  return { kind: 'device', path: await files.local.makeDevice(request), readOnly }
}
