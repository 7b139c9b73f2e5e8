/** What a CSIDriver object and a driver's capabilities mean for a mount (https://kubernetes-csi.github.io/docs/csi-driver-object.html). Pure. */

import type { CSIDriver, VolumeLifecycleMode } from '../../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { namesOf, type PodView, specOf } from '../../pods/pod-view.ts'
import type { CsiVolume } from './csi-volume.ts'
import type { CsiAccessMode, NodeCapability } from './messages.ts'
import type { VolumeCapability } from './node-service.ts'

/** A driver without an object is one of the plainest kind. */
export type DriverObject = DeepReadonly<CSIDriver> | undefined

type Capabilities = ReadonlySet<NodeCapability>

/** Whether the volume has to be attached to the node first. */
export const needsAttach = (volume: Pick<CsiVolume, 'isInline'>, driver: DriverObject): boolean =>
  !volume.isInline && driver?.spec.attachRequired !== false

/** Why the driver does not make volumes that live so long; `undefined`: it does. */
export function lifecycleFault({ isInline, driver: name }: CsiVolume, driver: DriverObject): string | undefined {
  const mode: VolumeLifecycleMode = isInline ? 'Ephemeral' : 'Persistent'
  if (driver === undefined) {
    return isInline ? `volume mode "${mode}" not supported by driver ${name} (no CSIDriver object)` : undefined
  }
  const { volumeLifecycleModes: modes = [] } = driver.spec
  if (modes.includes(mode)) return undefined
  return `volume mode "${mode}" not supported by driver ${name} (only supports [${modes.map((each) => `"${each}"`).join(' ')}])`
}

/** Whether the kubelet hands the volume's files to the Pod's group. A driver that mounts for a group does so itself. */
export function changesGroup(
  { fsType, isInline, accessModes }: Pick<CsiVolume, 'fsType' | 'isInline' | 'accessModes'>,
  driver: DriverObject,
  capabilities: Capabilities,
): boolean {
  const policy = driver?.spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType'
  if (capabilities.has('VOLUME_MOUNT_GROUP') || policy === 'None') return false
  if (policy === 'File') return true
  const hasOneWriter = accessModes?.some((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod') === true
  return fsType !== '' && (isInline || hasOneWriter)
}

/** What the driver learns of the Pod, where it wants to. */
export function podInfo(pod: PodView, { isInline }: CsiVolume, driver: DriverObject): Readonly<Record<string, string>> {
  if (driver?.spec.podInfoOnMount !== true) return {}
  const { name, namespace, uid } = namesOf(pod)
  return {
    'csi.storage.k8s.io/pod.name': name,
    'csi.storage.k8s.io/pod.namespace': namespace,
    'csi.storage.k8s.io/pod.uid': uid,
    'csi.storage.k8s.io/serviceAccount.name': specOf(pod).serviceAccountName ?? '',
    'csi.storage.k8s.io/ephemeral': String(isInline),
  }
}

const ACCESS_MODES: Readonly<Record<string, CsiAccessMode>> = {
  ReadWriteOnce: 'SINGLE_NODE_WRITER',
  ReadOnlyMany: 'MULTI_NODE_READER_ONLY',
  ReadWriteMany: 'MULTI_NODE_MULTI_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_WRITER',
}

/** For drivers that tell one writer from several of one node. */
const EXACT_ACCESS_MODES: typeof ACCESS_MODES = {
  ...ACCESS_MODES,
  ReadWriteOnce: 'SINGLE_NODE_MULTI_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_SINGLE_WRITER',
}

/** How the volume is to be used, in the driver's words. */
export function volumeCapability(
  { accessMode, isBlock, fsType, mountOptions }: CsiVolume,
  capabilities: Capabilities,
  fsGroup?: number,
): VolumeCapability {
  const modes = capabilities.has('SINGLE_NODE_MULTI_WRITER') ? EXACT_ACCESS_MODES : ACCESS_MODES
  const mode = { accessMode: { mode: modes[accessMode] ?? 'UNKNOWN' } }
  if (isBlock) return { ...mode, block: {} }
  const takesGroup = fsGroup !== undefined && capabilities.has('VOLUME_MOUNT_GROUP')
  const group = takesGroup ? { volumeMountGroup: String(fsGroup) } : {}
  return { ...mode, mount: { fsType, mountFlags: mountOptions, ...group } }
}
