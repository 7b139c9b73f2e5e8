/**
 * Volumes that a Pod has through a claim: folders and block devices of this node
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/).
 */

import { isLocalPath } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import { namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import type { ClaimedVolume } from './csi/csi-use.ts'
import { csiVolumeOf } from './csi/csi-volume.ts'
import { makeDriven } from './driven.ts'
import { newMounterFailure, setUpFailure, stepFailure, unprocessedVolume } from './mount-failure.ts'
import type { MadeVolume, VolumeSources } from './pod-volumes.ts'
import type { ObjectAt } from './referenced-objects.ts'

/** What a device without a file system gets where none is asked for. */
const DEFAULT_FS_TYPE = 'ext4'

/** Which claim, and how the Pod's containers use it. */
export interface ClaimUse extends ObjectAt {
  /** The volume's name in the Pod. */
  readonly volume: string
  readonly readOnly: boolean
  readonly isMounted: boolean
  readonly isDevice: boolean
  /** It has been made before. */
  readonly standing?: MadeVolume | undefined
}

/** Throws `MountFailure` when the claim has no volume, or one that this node cannot give. */
export async function makeClaimed(pod: PodView, use: ClaimUse, sources: VolumeSources): Promise<MadeVolume> {
  const { claim, volume } = await boundVolume(use, sources)
  const mode = volume.spec?.volumeMode ?? 'Filesystem'
  const mismatch = (where: string) =>
    unprocessedVolume(use.volume, `volume ${use.volume} has volumeMode ${mode}, but is specified in ${where}`)
  if (mode === 'Block' && use.isMounted) throw mismatch('volumeMounts')
  if (mode !== 'Block' && use.isDevice) throw mismatch('volumeDevices')
  const driven = csiVolumeOf(volume)
  if (driven !== undefined) {
    const claimed = { claim, persistentVolume: volume }
    const { readOnly, volume: podVolume } = use
    return makeDriven({ pod, podVolume, volume: driven, readOnly, claimed }, use.standing, sources)
  }
  const mayGrow = volume.spec?.local !== undefined && !isLocalPath(volume)
  try {
    const made = use.standing ?? (await (mode === 'Block' ? makeDevice : makeFolder)(pod, volume, use, sources))
    if (!mayGrow || made.kind === 'image') return made
    await growLocal(pod, { claim, persistentVolume: volume }, made, sources)
    return { ...made, mayGrow }
  } catch (error) {
    throw setUpFailure(volume.metadata.name ?? '', error, mode === 'Block')
  }
}

/** A file system on a device grows with it; a folder, or a device alone, is as large as it is. */
async function growLocal(
  pod: PodView,
  claimed: ClaimedVolume,
  { kind, path, readOnly }: Exclude<MadeVolume, { kind: 'image' }>,
  { files, grow }: VolumeSources,
): Promise<void> {
  const { metadata, spec } = claimed.persistentVolume
  const { name = '' } = metadata
  const { path: device = '' } = spec?.local ?? {}
  const isMounted = kind === 'path' && path !== device
  await grow?.({ claimed, name, readOnly }, async () => {
    if (isMounted) await files.local.growDevice({ uid: namesOf(pod).uid, volume: name, device })
  })
}

/** The claim, and the PersistentVolume behind it. */
async function boundVolume(
  { namespace, name, volume: volumeName }: ClaimUse,
  sources: VolumeSources,
): Promise<{ claim: DeepReadonly<PersistentVolumeClaim>; volume: DeepReadonly<PersistentVolume> }> {
  const fault = (why: string) => unprocessedVolume(volumeName, `error processing PVC ${namespace}/${name}: ${why}`)
  const claim = await sources.claim({ namespace, name })
  if (claim === undefined)
    throw fault(`failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`)
  if (claim.status?.phase !== 'Bound') throw fault('PVC is not bound')
  const bound = claim.spec?.volumeName ?? ''
  if (bound === '') throw fault('PVC has empty pvc.Spec.VolumeName')
  const volume = await sources.persistentVolume(bound)
  if (volume === undefined)
    throw fault(`failed to fetch PV ${bound} from API server: persistentvolumes "${bound}" not found`)
  return { claim, volume }
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
    : await localFolder(pod, volume, { files, readOnly })
  const { fsGroup, fsGroupChangePolicy = 'Always' } = specOf(pod).securityContext ?? {}
  if (fsGroup !== undefined && !readOnly) await files.setGroup(path, fsGroup, fsGroupChangePolicy)
  return { kind: 'path', path, readOnly, isManaged: true }
}

/** A folder that somebody has put on the node, or what is on a block device there. */
async function localFolder(
  pod: PodView,
  { metadata, spec }: DeepReadonly<PersistentVolume>,
  { files, readOnly }: Pick<VolumeSources, 'files'> & Pick<ClaimUse, 'readOnly'>,
): Promise<string> {
  const { name = '' } = metadata
  const { path = '', fsType = '' } = spec?.local ?? {}
  const isA = (type: string) =>
    files.hostPath(path, type).then(
      () => true,
      () => false,
    )
  if (await isA('Directory')) return path
  if (await isA('BlockDevice')) {
    const at = { uid: namesOf(pod).uid, volume: name, device: path }
    const how = { fsType: fsType === '' ? DEFAULT_FS_TYPE : fsType, options: spec?.mountOptions ?? [], readOnly }
    return files.local.mountDevice({ ...at, ...how }).catch((error: unknown) => {
      throw stepFailure('MountVolume.MountDevice', name, error)
    })
  }
  const why = (await isA('File')) ? 'only directory and block device are supported' : `path "${path}" does not exist`
  throw newMounterFailure(name, why)
}

async function makeDevice(
  pod: PodView,
  volume: DeepReadonly<PersistentVolume>,
  { readOnly }: ClaimUse,
  { files, mapped }: VolumeSources,
): Promise<MadeVolume> {
  const { local, capacity } = volume.spec ?? {}
  if (local === undefined) throw unsupported(volume)
  const { name = '' } = volume.metadata
  const request = { uid: namesOf(pod).uid, volume: name, sizeBytes: quantityValue(capacity?.['storage'] ?? '0') }
  const path = isLocalPath(volume)
    ? await files.local.makeDevice(request)
    : await files.hostPath(local.path, 'BlockDevice')
  mapped?.(name, path)
  return { kind: 'device', path, readOnly }
}
