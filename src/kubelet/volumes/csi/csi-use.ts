/** One Pod's use of a volume of a CSI driver. */

import type { PersistentVolume, PersistentVolumeClaim, Secret } from '../../../api/generated/core-v1.ts'
import type { TokenRequest } from '../../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { PodView } from '../../pods/pod-view.ts'
import type { ObjectAt } from '../referenced-objects.ts'
import type { IssuedToken } from '../service-account-tokens.ts'
import type { CsiVolume } from './csi-volume.ts'

export interface CsiUse {
  readonly pod: PodView
  /** What the Pod calls the volume. */
  readonly podVolume: string
  readonly volume: CsiVolume
  readonly readOnly: boolean
  /** Absent: the volume is the Pod's own. */
  readonly claimed?: ClaimedVolume
  readonly secret: (at: ObjectAt) => Promise<DeepReadonly<Secret> | undefined>
  /** A token of the Pod's service account. */
  readonly token: (request: DeepReadonly<TokenRequest>) => Promise<IssuedToken>
  readonly tell: (event: VolumeEvent) => void
}

export interface ClaimedVolume {
  readonly claim: DeepReadonly<PersistentVolumeClaim>
  readonly persistentVolume: DeepReadonly<PersistentVolume>
}

/** Told of the Pod, and of the claim where `isOfClaim` says so. */
export interface VolumeEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly isOfClaim?: boolean
}
