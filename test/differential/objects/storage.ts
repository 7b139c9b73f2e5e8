/** StorageClasses and what else storage.k8s.io has, for the differential corpus. */

import type { Base } from '../corpus.ts'
import { baseOf as of } from './base-of.ts'

const STORAGE = 'storage.k8s.io/v1'

const selector = { matchLabels: { a: 'b' } }

export const storageBases: readonly Base[] = [
  of(
    STORAGE,
    'StorageClass',
    'storageclasses',
    'sc',
    {
      provisioner: 'example.com/p',
      parameters: { a: 'b' },
      reclaimPolicy: 'Retain',
      mountOptions: ['ro'],
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }],
    },
    false,
  ),
  of(
    STORAGE,
    'CSIDriver',
    'csidrivers',
    'd.example',
    {
      spec: {
        attachRequired: true,
        podInfoOnMount: true,
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
        storageCapacity: true,
        fsGroupPolicy: 'File',
        tokenRequests: [{ audience: 'a', expirationSeconds: 3600 }],
        requiresRepublish: true,
        seLinuxMount: true,
        nodeAllocatableUpdatePeriodSeconds: 30,
      },
    },
    false,
  ),
  of(
    STORAGE,
    'CSINode',
    'csinodes',
    'csin',
    { spec: { drivers: [{ name: 'd.example', nodeID: 'n', topologyKeys: ['k'], allocatable: { count: 3 } }] } },
    false,
  ),
  of(
    STORAGE,
    'CSIStorageCapacity',
    'csistoragecapacities',
    'csic',
    { storageClassName: 'sc', nodeTopology: selector, capacity: '1Gi', maximumVolumeSize: '1Mi' },
    true,
  ),
  of(
    STORAGE,
    'VolumeAttachment',
    'volumeattachments',
    'va',
    { spec: { attacher: 'd.example', nodeName: 'n', source: { persistentVolumeName: 'pv' } } },
    false,
  ),
  of(
    STORAGE,
    'VolumeAttributesClass',
    'volumeattributesclasses',
    'vac',
    { driverName: 'd.example', parameters: { a: 'b' } },
    false,
  ),
]
