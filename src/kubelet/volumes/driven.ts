/** Volumes that CSI drivers make, as the makers of a Pod's volumes ask for them. */

import type { FilesystemFacts } from '../host/usage.ts'
import type { CsiUse } from './csi/csi-use.ts'
import { setUpFailure } from './mount-failure.ts'
import type { MadeVolume } from './pod-volumes.ts'

/** What a Pod wants of a driver. */
export type DrivenUse = Pick<CsiUse, 'pod' | 'podVolume' | 'volume' | 'readOnly' | 'claimed'>

/** A volume that a driver has made. */
export interface DrivenVolume {
  /** What it holds, as its driver tells; `undefined`: the driver does not. */
  readonly usage: () => Promise<FilesystemFacts | undefined>
}

export interface DrivenVolumes {
  /** Throws `MountFailure`. */
  make(use: DrivenUse): Promise<MadeVolume>
  /** Brings one that stands up to date. */
  keep(use: DrivenUse): Promise<void>
}

/** Makes the volume, or keeps the one that stands. Throws `MountFailure`, also where no driver can run. */
export async function makeDriven(
  use: DrivenUse,
  standing: MadeVolume | undefined,
  { drivers }: { readonly drivers?: DrivenVolumes | undefined },
): Promise<MadeVolume> {
  const { driver, name, isBlock } = use.volume
  if (drivers === undefined) {
    const why = `driver name ${driver} not found in the list of registered CSI drivers`
    throw setUpFailure(name, `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${why}`, isBlock)
  }
  if (standing === undefined) return drivers.make(use)
  await drivers.keep(use)
  return standing
}
