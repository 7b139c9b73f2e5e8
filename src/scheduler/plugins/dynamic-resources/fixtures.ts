/** What tests of devices are made of. */

import type {
  Device,
  DeviceClass,
  DeviceClaim,
  DeviceRequest,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../../api/generated/resource-v1.ts'

export const DRIVER = 'gpu.example.com'

export const gpuClass: DeviceClass = { metadata: { name: 'gpu' }, spec: {} }

/** A slice that is a pool of its own and that all nodes reach, unless it says otherwise. */
export function aSlice(name: string, devices: Device[], spec: Partial<ResourceSliceSpec> = {}): ResourceSlice {
  const pool = { name, generation: 1, resourceSliceCount: 1 }
  const isPlaced =
    spec.nodeName !== undefined || spec.nodeSelector !== undefined || spec.perDeviceNodeSelection === true
  return { metadata: { name }, spec: { driver: DRIVER, pool, ...(!isPlaced && { allNodes: true }), devices, ...spec } }
}

export const asks = (exactly: Partial<ExactDeviceRequest> = {}, name = 'r'): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', ...exactly },
})

export function aClaim(name: string, requests: DeviceRequest[], rest: Partial<DeviceClaim> = {}): ResourceClaim {
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { devices: { requests, ...rest } },
  }
}
