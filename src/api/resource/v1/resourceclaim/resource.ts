/** ResourceClaim, resource.k8s.io/v1: devices that somebody asks for, and holds (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaim). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { deepEqual, duplicate, forbiddenField, immutableField, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { ResourceClaim } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'
import { defaultClaimSpec, tooManyItems, validateClaimSpec } from '../devices.ts'

type Shared = DeepReadonly<ResourceClaim>

const MAX_CONSUMERS = 256

export const resourceClaims = defineResource<ResourceClaim>('resource.k8s.io/v1/resourceclaims', {
  countsGeneration: false,
  setDefaults: ({ spec }) => defaultClaimSpec(spec),
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec }, root) => validateClaimSpec(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...immutableField(spec, old.spec, root.child('spec')),
    ...validateClaimSpec(spec, root.child('spec')),
  ],
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

/** Nobody holds what is not allocated, and what is allocated stays as it is while somebody holds it. */
function validateStatus({ metadata, status }: Shared, old: Shared, root: FieldPath): FieldError[] {
  const path = root.child('status')
  const { allocation, reservedFor = [] } = status ?? {}
  const at = path.child('reservedFor')
  const faults = tooManyItems(reservedFor.length, MAX_CONSUMERS, at)
  reservedFor.forEach(({ uid = '', resource = '', name = '' }, position) => {
    const each = at.index(position)
    if (resource === '') faults.push(required(each.child('resource')))
    if (name === '') faults.push(required(each.child('name')))
    if (uid === '') faults.push(required(each.child('uid')))
    if (uid !== '' && reservedFor.findIndex((other) => other.uid === uid) < position) {
      faults.push(duplicate(each.child('uid'), uid))
    }
  })
  if (reservedFor.length > 0 && allocation === undefined) {
    faults.push(forbiddenField(at, 'may not be specified when `allocated` is not set'))
  }
  const before = old.status?.reservedFor ?? []
  const added = reservedFor.some(({ uid }) => !before.some((other) => other.uid === uid))
  if (metadata.deletionTimestamp !== undefined && added) {
    faults.push(
      forbiddenField(at, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'),
    )
  }
  const was = old.status?.allocation
  if (was !== undefined && allocation !== undefined && !deepEqual(was, allocation)) {
    faults.push(...immutableField(allocation, was, path.child('allocation')))
  }
  return faults
}
