/** The PersistentVolumeClaims of a Pod, for the plugins that look at volumes. */

import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../api/generated/storage-v1.ts'
import type { Lister } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'

/** What is known of volumes. */
export interface VolumeListers {
  readonly claims: Lister<PersistentVolumeClaim>
  readonly volumes: Lister<PersistentVolume>
  readonly classes: Lister<StorageClass>
  readonly csiNodes: Lister<CSINode>
  readonly csiDrivers: Lister<CSIDriver>
  readonly capacities: Lister<CSIStorageCapacity>
  readonly attachments: Lister<VolumeAttachment>
}

export type ReadClaim = DeepReadonly<PersistentVolumeClaim>

/** A claim that a volume of a Pod names. */
export interface NamedClaim {
  readonly name: string
  readonly isEphemeral: boolean
  readonly claim: ReadClaim | undefined
}

/** In the order of the Pod's volumes. */
export function claimsOf({ pod }: Pick<PodInfo, 'pod'>, claims: Lister<PersistentVolumeClaim>): readonly NamedClaim[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume)
    if (name === undefined) return []
    const isEphemeral = volume.ephemeral !== undefined
    return [{ name, isEphemeral, claim: claims.get(`${pod.metadata.namespace ?? ''}/${name}`) }]
  })
}

/** The claims that a Pod's volumes name; those made for the Pod are not among them. */
export const claimNamesOf = ({ spec }: DeepReadonly<Pod>): readonly string[] =>
  (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])

type Volume = NonNullable<NonNullable<DeepReadonly<Pod>['spec']>['volumes']>[number]

function claimNameOf(pod: DeepReadonly<Pod>, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim !== undefined) return volume.persistentVolumeClaim.claimName
  return volume.ephemeral === undefined ? undefined : `${pod.metadata.name ?? ''}-${volume.name}`
}
