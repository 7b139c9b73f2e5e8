/**
 * The messages of CSI v1 that a kubelet sends and reads, as facts
 * (https://github.com/container-storage-interface/spec/blob/master/spec.md).
 */

import { createProtocol, type ProtocolFacts } from '../../grpc/protocol.ts'

const FACTS = {
  enums: {
    AccessMode: [
      'UNKNOWN',
      'SINGLE_NODE_WRITER',
      'SINGLE_NODE_READER_ONLY',
      'MULTI_NODE_READER_ONLY',
      'MULTI_NODE_SINGLE_WRITER',
      'MULTI_NODE_MULTI_WRITER',
      'SINGLE_NODE_SINGLE_WRITER',
      'SINGLE_NODE_MULTI_WRITER',
    ],
    NodeCapability: [
      'UNKNOWN',
      'STAGE_UNSTAGE_VOLUME',
      'GET_VOLUME_STATS',
      'EXPAND_VOLUME',
      'VOLUME_CONDITION',
      'SINGLE_NODE_MULTI_WRITER',
      'VOLUME_MOUNT_GROUP',
    ],
    UsageUnit: ['UNKNOWN', 'BYTES', 'INODES'],
  },
  messages: {
    Empty: {},
    BlockVolume: {},
    MountVolume: { fsType: [1, 'string'], mountFlags: [2, 'string[]'], volumeMountGroup: [3, 'string'] },
    AccessModeValue: { mode: [1, 'AccessMode'] },
    VolumeCapability: { block: [1, 'BlockVolume'], mount: [2, 'MountVolume'], accessMode: [3, 'AccessModeValue'] },
    Topology: { segments: [1, '{}string'] },
    CapacityRange: { requiredBytes: [1, 'int64'], limitBytes: [2, 'int64'] },

    NodeGetInfoResponse: {
      nodeId: [1, 'string'],
      maxVolumesPerNode: [2, 'int64'],
      accessibleTopology: [3, 'Topology'],
    },
    NodeRpc: { type: [1, 'NodeCapability'] },
    NodeServiceCapability: { rpc: [1, 'NodeRpc'] },
    NodeGetCapabilitiesResponse: { capabilities: [1, 'NodeServiceCapability[]'] },

    NodeStageVolumeRequest: {
      volumeId: [1, 'string'],
      publishContext: [2, '{}string'],
      stagingTargetPath: [3, 'string'],
      volumeCapability: [4, 'VolumeCapability'],
      secrets: [5, '{}string'],
      volumeContext: [6, '{}string'],
    },
    NodeUnstageVolumeRequest: { volumeId: [1, 'string'], stagingTargetPath: [2, 'string'] },
    NodePublishVolumeRequest: {
      volumeId: [1, 'string'],
      publishContext: [2, '{}string'],
      stagingTargetPath: [3, 'string'],
      targetPath: [4, 'string'],
      volumeCapability: [5, 'VolumeCapability'],
      readonly: [6, 'bool'],
      secrets: [7, '{}string'],
      volumeContext: [8, '{}string'],
    },
    NodeUnpublishVolumeRequest: { volumeId: [1, 'string'], targetPath: [2, 'string'] },

    VolumeUsage: { available: [1, 'int64'], total: [2, 'int64'], used: [3, 'int64'], unit: [4, 'UsageUnit'] },
    NodeGetVolumeStatsRequest: { volumeId: [1, 'string'], volumePath: [2, 'string'], stagingTargetPath: [3, 'string'] },
    NodeGetVolumeStatsResponse: { usage: [1, 'VolumeUsage[]'] },
    NodeExpandVolumeRequest: {
      volumeId: [1, 'string'],
      volumePath: [2, 'string'],
      capacityRange: [3, 'CapacityRange'],
      stagingTargetPath: [4, 'string'],
      volumeCapability: [5, 'VolumeCapability'],
      secrets: [6, '{}string'],
    },
    NodeExpandVolumeResponse: { capacityBytes: [1, 'int64'] },
  },
} as const satisfies ProtocolFacts

/** The node service of a driver. */
export const CSI_PROTOCOL = createProtocol(FACTS)

/** What a node service may be able to do. */
export type NodeCapability = (typeof FACTS.enums.NodeCapability)[number]

/** How many may use a volume at once, and for what. */
export type CsiAccessMode = (typeof FACTS.enums.AccessMode)[number]
