/** What can happen in the cluster that may make a refused Pod fit. Plugins name the ones that concern them. */

/** Every event there is. */
export const CLUSTER_EVENTS = [
  'Node/add',
  'Node/delete',
  'Node/allocatable',
  'Node/labels',
  'Node/taints',
  'Node/conditions',
  'Node/annotations',
  'Node/declared-features',
  /** A Pod got a node, or appeared with one. */
  'AssignedPod/add',
  /** The labels of a Pod that has a node changed. */
  'AssignedPod/labels',
  /** A Pod that has a node now asks for less. */
  'AssignedPod/scale-down',
  'AssignedPod/delete',
  /** The waiting Pod itself was changed. */
  'Pod/labels',
  'Pod/tolerations',
  'Pod/scheduling-gates',
  'Pod/scale-down',
  /** The claims made for the waiting Pod are named. */
  'Pod/resource-claims',
  'Namespace/labels',
  'PersistentVolume/add',
  'PersistentVolume/update',
  'PersistentVolumeClaim/add',
  'PersistentVolumeClaim/update',
  'StorageClass/add',
  'StorageClass/update',
  'CSINode/add',
  'CSINode/update',
  'CSIDriver/add',
  'CSIDriver/update',
  'CSIStorageCapacity/add',
  'CSIStorageCapacity/update',
  'VolumeAttachment/delete',
  'ResourceClaim/add',
  'ResourceClaim/update',
  'DeviceClass/add',
  'DeviceClass/update',
  'ResourceSlice/add',
  'ResourceSlice/update',
] as const

export type ClusterEvent = (typeof CLUSTER_EVENTS)[number]
