/**
 * The services of drivers for dynamic resource allocation: `v1.DRAPlugin`, the same as `v1beta1.DRAPlugin`, and
 * `v1alpha1.DRAResourceHealth` (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */

import { createProtocol } from '../grpc/protocol.ts'

export const DRA = createProtocol({
  enums: { HealthStatus: ['UNKNOWN', 'HEALTHY', 'UNHEALTHY'] },
  messages: {
    Claim: { namespace: [1, 'string'], uid: [2, 'string'], name: [3, 'string'] },
    NodePrepareResourcesRequest: { claims: [1, 'Claim[]'] },
    Device: {
      requestNames: [1, 'string[]'],
      poolName: [2, 'string'],
      deviceName: [3, 'string'],
      cdiDeviceIds: [4, 'string[]'],
      shareId: [5, 'string'],
    },
    NodePrepareResourceResponse: { devices: [1, 'Device[]'], error: [2, 'string'] },
    NodePrepareResourcesResponse: { claims: [1, '{}NodePrepareResourceResponse'] },
    NodeUnprepareResourcesRequest: { claims: [1, 'Claim[]'] },
    NodeUnprepareResourceResponse: { error: [1, 'string'] },
    NodeUnprepareResourcesResponse: { claims: [1, '{}NodeUnprepareResourceResponse'] },
    NodeWatchResourcesRequest: {},
    DeviceIdentifier: { poolName: [1, 'string'], deviceName: [2, 'string'] },
    DeviceHealth: {
      device: [1, 'DeviceIdentifier'],
      health: [2, 'HealthStatus'],
      lastUpdatedTime: [3, 'int64'],
      healthCheckTimeoutSeconds: [4, 'int64'],
      message: [5, 'string'],
    },
    NodeWatchResourcesResponse: { devices: [1, 'DeviceHealth[]'] },
  },
})

/** What this kubelet can call, the newest first, by the names that drivers give. */
export const SERVICES = ['v1.DRAPlugin', 'v1beta1.DRAPlugin'] as const
export type Service = (typeof SERVICES)[number]

const method = (service: Service, name: 'NodePrepareResources' | 'NodeUnprepareResources') => ({
  path: `/k8s.io.kubelet.pkg.apis.dra.${service}/${name}`,
  request: `${name}Request`,
  response: `${name}Response`,
})

export const prepareMethod = (service: Service) => method(service, 'NodePrepareResources')
export const unprepareMethod = (service: Service) => method(service, 'NodeUnprepareResources')

export const WATCH_RESOURCES = {
  path: '/v1alpha1.DRAResourceHealth/NodeWatchResources',
  request: 'NodeWatchResourcesRequest',
  response: 'NodeWatchResourcesResponse',
}
