/** PersistentVolumeClaim, v1: a wish for storage (https://kubernetes.io/docs/concepts/storage/persistent-volumes/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { ageColumn, nameColumn, orElse, textColumn, wideColumn } from '../../../columns.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { keepStatus } from '../../../strategy.ts'
import { defaultClaimSpec } from '../pod/defaults-volumes.ts'
import { roundToMilli } from '../round-amounts.ts'
import { alignDataSources } from './data-sources.ts'
import { accessModesText, storageClassOf } from './facts.ts'
import { validateClaim, validateClaimStatusUpdate, validateClaimUpdate } from './validate-update.ts'
import { claimWarnings } from './warnings.ts'

type Shared = DeepReadonly<PersistentVolumeClaim>

export const persistentVolumeClaims = defineResource<PersistentVolumeClaim>('v1/persistentvolumeclaims', {
  countsGeneration: false,
  setDefaults(draft) {
    draft.status = { ...draft.status, phase: draft.status?.phase ?? 'Pending' }
    roundToMilli(draft.status.capacity)
    roundToMilli(draft.status.allocatedResources)
    defaultClaimSpec((draft.spec ??= {}))
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' }
    if (draft.spec !== undefined) alignDataSources(draft.spec)
  },
  prepareForUpdate(draft, old) {
    keepStatus(draft, old)
    if (draft.spec !== undefined) alignDataSources(draft.spec, old.spec)
  },
  prepareForStatusUpdate(draft, old) {
    if (old.spec !== undefined) draft.spec = old.spec as PersistentVolumeClaimSpec
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatusUpdate,
  warnings: claimWarnings,
  columns: [
    nameColumn(),
    textColumn('Status', ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    ),
    textColumn('Volume', ({ spec }) => spec?.volumeName ?? ''),
    textColumn<PersistentVolumeClaim>('Capacity', (claim) =>
      isBound(claim) ? (claim.status?.capacity?.['storage'] ?? '0') : '',
    ),
    textColumn<PersistentVolumeClaim>('Access Modes', (claim) =>
      isBound(claim) ? accessModesText(claim.status?.accessModes) : '',
    ),
    textColumn<PersistentVolumeClaim>('StorageClass', storageClassOf),
    textColumn('VolumeAttributesClass', ({ spec }) => orElse(spec?.volumeAttributesClassName, '<unset>')),
    ageColumn(),
    wideColumn('VolumeMode', ({ spec }) => orElse(spec?.volumeMode, '<unset>')),
  ],
})

const isBound = ({ spec }: Shared) => (spec?.volumeName ?? '') !== ''
