/** Which of the devices of a claim is meant, and what their drivers say of those that are given back. Pure. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { ResourceClaim } from '../../../generated/resource-v1.ts'

interface DeviceId {
  readonly driver?: string
  readonly pool?: string
  readonly device?: string
  readonly shareID?: string
}

/** One device, or one share of it. */
export const deviceId = ({ driver = '', pool = '', device = '', shareID }: DeviceId): string =>
  `${driver}/${pool}/${device}${shareID === undefined ? '' : `/${shareID}`}`

/** The same as faults show it. */
export const shownDevice = ({ driver = '', pool = '', device = '', shareID = '' }: DeviceId) => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID,
})

/** The devices that are allocated for the claim. */
const allocatedDevices = ({ status }: DeepReadonly<ResourceClaim>): ReadonlySet<string> =>
  new Set(status?.allocation?.devices?.results?.map(deviceId))

/** Drops what was told of devices that the claim had and has no longer. */
export function dropReleasedDevices(draft: ResourceClaim, old: DeepReadonly<ResourceClaim>): void {
  const { status } = draft
  if (status?.devices === undefined) return
  const before = allocatedDevices(old)
  const now = allocatedDevices(draft)
  const kept = status.devices.filter((device) => now.has(deviceId(device)) || !before.has(deviceId(device)))
  if (kept.length === 0) delete status.devices
  else status.devices = kept
}
