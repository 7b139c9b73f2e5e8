/** ResourceClaim, resource.k8s.io/v1: devices that somebody asks for, and holds (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaim). */

import { type DeepReadonly, draftOf } from '../../../../meta/deep-readonly.ts'
import { immutableField } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { ResourceClaim } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'
import { defaultClaimSpec, validateClaimSpec } from '../devices.ts'
import { dropReleasedDevices } from './device-id.ts'
import { validateStatus } from './validate-status.ts'

type Shared = DeepReadonly<ResourceClaim>

export const resourceClaims = defineResource<ResourceClaim>('resource.k8s.io/v1/resourceclaims', {
  countsGeneration: false,
  setDefaults: ({ spec }) => defaultClaimSpec(spec),
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: 'metadata',
  prepareForStatusUpdate(draft, old) {
    draft.spec = draftOf<ResourceClaim['spec']>(old.spec)
    dropReleasedDevices(draft, old)
  },
  validate: ({ spec }, root) => validateClaimSpec(spec, root.child('spec')),
  // Of what nobody can change only that it was not changed is said.
  validateUpdate: ({ spec }, old, root) => immutableField(spec, old.spec, root.child('spec')),
  validateStatusUpdate: validateStatus,
  columns: [nameColumn(), textColumn<ResourceClaim>('State', stateText), ageColumn()],
})

function stateText({ metadata, status }: Shared): string {
  const states: string[] = []
  if (metadata.deletionTimestamp !== undefined) states.push('deleted')
  if (status?.allocation === undefined) {
    if (metadata.deletionTimestamp === undefined) states.push('pending')
  } else {
    states.push('allocated')
    if ((status.reservedFor ?? []).length > 0) states.push('reserved')
  }
  return states.join(',')
}
