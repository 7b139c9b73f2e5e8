/**
 * The services of device plugins, `v1beta1.Registration` and `v1beta1.DevicePlugin`
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/#device-plugin-implementation).
 */

import { createProtocol } from '../grpc/protocol.ts'

export const DEVICE_PLUGIN_VERSION = 'v1beta1'

export const DEVICE_PLUGIN = createProtocol({
  messages: {
    Empty: {},
    DevicePluginOptions: { preStartRequired: [1, 'bool'], getPreferredAllocationAvailable: [2, 'bool'] },
    RegisterRequest: {
      version: [1, 'string'],
      endpoint: [2, 'string'],
      resourceName: [3, 'string'],
      options: [4, 'DevicePluginOptions'],
    },
    NUMANode: { ID: [1, 'int64'] },
    TopologyInfo: { nodes: [1, 'NUMANode[]'] },
    Device: { ID: [1, 'string'], health: [2, 'string'], topology: [3, 'TopologyInfo'] },
    ListAndWatchResponse: { devices: [1, 'Device[]'] },
    PreStartContainerRequest: { devicesIds: [1, 'string[]'] },
    PreStartContainerResponse: {},
    ContainerPreferredAllocationRequest: {
      availableDeviceIDs: [1, 'string[]'],
      mustIncludeDeviceIDs: [2, 'string[]'],
      allocationSize: [3, 'int32'],
    },
    PreferredAllocationRequest: { containerRequests: [1, 'ContainerPreferredAllocationRequest[]'] },
    ContainerPreferredAllocationResponse: { deviceIDs: [1, 'string[]'] },
    PreferredAllocationResponse: { containerResponses: [1, 'ContainerPreferredAllocationResponse[]'] },
    ContainerAllocateRequest: { devicesIds: [1, 'string[]'] },
    AllocateRequest: { containerRequests: [1, 'ContainerAllocateRequest[]'] },
    Mount: { containerPath: [1, 'string'], hostPath: [2, 'string'], readOnly: [3, 'bool'] },
    DeviceSpec: { containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] },
    CDIDevice: { name: [1, 'string'] },
    ContainerAllocateResponse: {
      envs: [1, '{}string'],
      mounts: [2, 'Mount[]'],
      devices: [3, 'DeviceSpec[]'],
      annotations: [4, '{}string'],
      cdiDevices: [5, 'CDIDevice[]'],
    },
    AllocateResponse: { containerResponses: [1, 'ContainerAllocateResponse[]'] },
  },
})

const procedure = (service: string, method: string, request: string, response: string) => ({
  path: `/v1beta1.${service}/${method}`,
  request,
  response,
})

/** The kubelet's side. */
export const REGISTER = procedure('Registration', 'Register', 'RegisterRequest', 'Empty')

/** The plugin's side. */
export const METHODS = {
  options: procedure('DevicePlugin', 'GetDevicePluginOptions', 'Empty', 'DevicePluginOptions'),
  listAndWatch: procedure('DevicePlugin', 'ListAndWatch', 'Empty', 'ListAndWatchResponse'),
  preferred: procedure(
    'DevicePlugin',
    'GetPreferredAllocation',
    'PreferredAllocationRequest',
    'PreferredAllocationResponse',
  ),
  allocate: procedure('DevicePlugin', 'Allocate', 'AllocateRequest', 'AllocateResponse'),
  preStart: procedure('DevicePlugin', 'PreStartContainer', 'PreStartContainerRequest', 'PreStartContainerResponse'),
}
