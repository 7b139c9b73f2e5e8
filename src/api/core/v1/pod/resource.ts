/** Pod, v1: containers that are placed together and share their network and volumes (https://kubernetes.io/docs/concepts/workloads/pods/). */

import type { Pod } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { appArmorWarnings } from './app-armor.ts'
import { podColumns, podRowConditions } from './columns.ts'
import { dropDisabledPodFields, defaultPod } from './defaults.ts'
import { podFields } from './fields.ts'
import { gracefulDelete, prepareForCreate, prepareForStatusUpdate, prepareForUpdate } from './strategy.ts'
import { validatePodStatusUpdate } from './validation/subresources.ts'
import { validatePodUpdate } from './validation/update.ts'
import { validatePod } from './validate.ts'
import { podStatusWarnings, podWarnings } from './warnings.ts'

export const pods = defineResource<Pod>('v1/pods', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec),
  setDefaults: defaultPod,
  prepareForCreate,
  prepareForUpdate,
  prepareForStatusUpdate,
  keptByStatus: ['ownerReferences'],
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: podWarnings,
  earlyWarnings: appArmorWarnings,
  statusWarnings: podStatusWarnings,
  columns: podColumns,
  rowConditions: podRowConditions,
  selectableFields: podFields,
  gracefulDelete,
})
