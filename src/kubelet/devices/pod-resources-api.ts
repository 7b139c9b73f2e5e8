/**
 * The service that tells which devices containers have: `v1.PodResourcesLister`
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/#monitoring-device-plugin-resources).
 */

import { createProtocol } from '../grpc/protocol.ts'

export const POD_RESOURCES = createProtocol({
  messages: {
    AllocatableResourcesRequest: {},
    AllocatableResourcesResponse: {
      devices: [1, 'ContainerDevices[]'],
      cpuIds: [2, 'int64[]'],
      memory: [3, 'ContainerMemory[]'],
    },
    ListPodResourcesRequest: {},
    ListPodResourcesResponse: { podResources: [1, 'PodResources[]'] },
    GetPodResourcesRequest: { podName: [1, 'string'], podNamespace: [2, 'string'] },
    GetPodResourcesResponse: { podResources: [1, 'PodResources'] },
    PodResources: { name: [1, 'string'], namespace: [2, 'string'], containers: [3, 'ContainerResources[]'] },
    ContainerResources: {
      name: [1, 'string'],
      devices: [2, 'ContainerDevices[]'],
      cpuIds: [3, 'int64[]'],
      memory: [4, 'ContainerMemory[]'],
      dynamicResources: [5, 'DynamicResource[]'],
    },
    ContainerMemory: { memoryType: [1, 'string'], size: [2, 'uint64'], topology: [3, 'TopologyInfo'] },
    ContainerDevices: { resourceName: [1, 'string'], deviceIds: [2, 'string[]'], topology: [3, 'TopologyInfo'] },
    TopologyInfo: { nodes: [1, 'NUMANode[]'] },
    NUMANode: { ID: [1, 'int64'] },
    DynamicResource: {
      claimName: [2, 'string'],
      claimNamespace: [3, 'string'],
      claimResources: [4, 'ClaimResource[]'],
    },
    ClaimResource: {
      cdiDevices: [1, 'CDIDevice[]'],
      driverName: [2, 'string'],
      poolName: [3, 'string'],
      deviceName: [4, 'string'],
      shareId: [5, 'string'],
    },
    CDIDevice: { name: [1, 'string'] },
  },
})

const procedure = (method: string, messages: string) => ({
  path: `/v1.PodResourcesLister/${method}`,
  request: `${messages}Request`,
  response: `${messages}Response`,
})

export const LIST = procedure('List', 'ListPodResources')
export const GET = procedure('Get', 'GetPodResources')
export const GET_ALLOCATABLE = procedure('GetAllocatableResources', 'AllocatableResources')
