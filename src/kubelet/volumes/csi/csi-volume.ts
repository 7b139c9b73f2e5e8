/** A volume of a CSI driver, as PersistentVolumes and Pods describe it (https://kubernetes.io/docs/concepts/storage/volumes/#csi). */

import { inlineVolumeHandle, uniqueVolumeName } from '../../../api/core/v1/persistentvolume/csi-names.ts'
import type {
  CSIVolumeSource,
  PersistentVolume,
  PersistentVolumeAccessMode,
  SecretReference,
} from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { namesOf, type PodView } from '../../pods/pod-view.ts'
import type { HeldVolume } from '../../host/csi-files.ts'

type SecretAt = DeepReadonly<SecretReference>

/** How one use of a volume goes to its driver. */
export interface CsiVolume extends HeldVolume {
  /** Whether it lives and dies with its Pod, and is no PersistentVolume. */
  readonly isInline: boolean
  readonly fsType: string
  readonly attributes: Readonly<Record<string, string>>
  readonly accessMode: PersistentVolumeAccessMode
  /** Absent: the volume does not say. */
  readonly accessModes?: readonly PersistentVolumeAccessMode[] | undefined
  readonly mountOptions: readonly string[]
  readonly secrets: { readonly [call in 'stage' | 'publish' | 'expand']?: SecretAt | undefined }
}

/** `undefined`: no driver makes it. */
export function csiVolumeOf({ metadata, spec }: DeepReadonly<PersistentVolume>): CsiVolume | undefined {
  if (spec?.csi === undefined) return undefined
  const { driver, volumeHandle, fsType = '', volumeAttributes = {}, ...source } = spec.csi
  return {
    name: metadata.name ?? '',
    driver,
    volumeHandle,
    isBlock: spec.volumeMode === 'Block',
    isInline: false,
    fsType,
    attributes: volumeAttributes,
    accessMode: spec.accessModes?.[0] ?? 'ReadWriteOnce',
    accessModes: spec.accessModes,
    mountOptions: spec.mountOptions ?? [],
    secrets: {
      stage: source.nodeStageSecretRef,
      publish: source.nodePublishSecretRef,
      expand: source.nodeExpandSecretRef,
    },
  }
}

/** A volume that stands in the Pod's own spec. */
export function inlineVolumeOf(pod: PodView, name: string, source: DeepReadonly<CSIVolumeSource>): CsiVolume {
  const { uid, namespace } = namesOf(pod)
  const { driver, fsType = '', volumeAttributes = {}, nodePublishSecretRef: secret } = source
  return {
    name,
    driver,
    volumeHandle: inlineVolumeHandle(uid, name),
    isBlock: false,
    isInline: true,
    fsType,
    attributes: volumeAttributes,
    accessMode: 'ReadWriteOnce',
    mountOptions: [],
    secrets: secret === undefined ? {} : { publish: { namespace, name: secret.name ?? '' } },
  }
}

/** What tells volumes apart on a node: a volume of two PersistentVolumes is one. */
export const volumeKey = (volume: Pick<HeldVolume, 'driver' | 'volumeHandle'>): string => uniqueVolumeName(volume)
