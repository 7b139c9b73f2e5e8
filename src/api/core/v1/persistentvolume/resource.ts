/** PersistentVolume, v1: a piece of storage (https://kubernetes.io/docs/concepts/storage/persistent-volumes/). */

import { toTime } from '../../../../base/clock.ts'
import { ageColumn, nameColumn, orElse, textColumn, wideColumn } from '../../../columns.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { keepStatus } from '../../../strategy.ts'
import { accessModesText, storageClassOf } from '../persistentvolumeclaim/facts.ts'
import { defaultAzureDisk, defaultRbd, defaultScaleIO } from '../pod/defaults-volumes.ts'
import { roundToMilli } from '../round-amounts.ts'
import { validateVolume, validateVolumeUpdate } from './validate.ts'

export const persistentVolumes = defineResource<PersistentVolume>('v1/persistentvolumes', {
  countsGeneration: false,
  setDefaults: defaultVolume,
  prepareForCreate: (draft) => {
    const { creationTimestamp } = draft.metadata
    draft.status = {
      phase: 'Pending',
      ...(creationTimestamp === undefined ? {} : { lastPhaseTransitionTime: creationTimestamp }),
    }
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(draft, old, now) {
    if (old.spec !== undefined) draft.spec = old.spec as PersistentVolumeSpec
    const since = old.status?.lastPhaseTransitionTime
    const status = (draft.status ??= {})
    if (status.phase === old.status?.phase) {
      if (since !== undefined) status.lastPhaseTransitionTime ??= since
    } else if (status.lastPhaseTransitionTime === undefined || status.lastPhaseTransitionTime === since) {
      status.lastPhaseTransitionTime = toTime(now)
    }
  },
  validate: validateVolume,
  warnings: ({ spec }) =>
    spec?.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : [],
  // Kubernetes looks at the whole volume twice, and tells its faults twice.
  validateUpdate: (volume, old, root) => [...validateVolume(volume, root), ...validateVolumeUpdate(volume, old, root)],
  columns: [
    nameColumn(),
    textColumn('Capacity', ({ spec }) => spec?.capacity?.['storage'] ?? '0'),
    textColumn('Access Modes', ({ spec }) => accessModesText(spec?.accessModes)),
    textColumn('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    textColumn('Status', ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    ),
    textColumn('Claim', ({ spec }) => {
      const claim = spec?.claimRef
      return claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`
    }),
    textColumn<PersistentVolume>('StorageClass', storageClassOf),
    textColumn('VolumeAttributesClass', ({ spec }) => orElse(spec?.volumeAttributesClassName, '<unset>')),
    textColumn('Reason', ({ status }) => status?.reason ?? ''),
    ageColumn(),
    wideColumn('VolumeMode', ({ spec }) => orElse(spec?.volumeMode, '<unset>')),
  ],
})

function defaultVolume(draft: PersistentVolume): void {
  draft.status = { ...draft.status, phase: draft.status?.phase ?? 'Pending' }
  const spec = (draft.spec ??= {})
  roundToMilli(spec.capacity)
  spec.persistentVolumeReclaimPolicy ??= 'Retain'
  spec.volumeMode ??= 'Filesystem'
  if (spec.hostPath !== undefined) spec.hostPath.type ??= ''
  if (spec.iscsi !== undefined) spec.iscsi.iscsiInterface ??= 'default'
  if (spec.rbd !== undefined) defaultRbd(spec.rbd)
  if (spec.azureDisk !== undefined) defaultAzureDisk(spec.azureDisk)
  if (spec.scaleIO !== undefined) defaultScaleIO(spec.scaleIO)
}
