/** Pod, v1: containers that are placed together and share their network and volumes (https://kubernetes.io/docs/concepts/workloads/pods/). */

import type { Pod } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultPod } from './defaults.ts'
import { gracefulDelete, prepareForCreate, prepareForStatusUpdate, prepareForUpdate } from './strategy.ts'
import { validatePod } from './validate.ts'

export const pods = defineResource<Pod>('v1/pods', {
  setDefaults: defaultPod,
  prepareForCreate,
  prepareForUpdate,
  prepareForStatusUpdate,
  validate: validatePod,
  gracefulDelete,
})
