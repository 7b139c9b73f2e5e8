/** What may change of a claim: hardly more than its size (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims). */

import { type DeepReadonly, draftOf } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { cmpQuantity } from '../../../../meta/quantity.ts'
import { deepEqual, forbiddenField, immutableField, invalidValue } from '../../../../meta/validation.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../generated/core-v1.ts'
import { describeChanges } from '../pod/describe-changes.ts'
import { positiveAmount, validateResourceAmount, validateResourceName } from '../resource-names.ts'
import { validateClaimSpec } from './validate.ts'

type Shared = DeepReadonly<PersistentVolumeClaim>
type Spec = DeepReadonly<PersistentVolumeClaimSpec>

export function validateClaim({ spec }: Shared, root: FieldPath): FieldError[] {
  return validateClaimSpec(spec ?? {}, root.child('spec'))
}

export function validateClaimUpdate(claim: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validateClaim(claim, root)
  const before = old.spec ?? {}
  const after = withChangeable(claim, before)
  if (!deepEqual(after, before)) {
    const words = `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${describeChanges(before, after)}`
    faults.push(forbiddenField(root.child('spec'), words))
  }
  faults.push(...validateSize(claim, old, root))
  faults.push(...immutableField(claim.spec?.volumeMode, before.volumeMode, root.child('volumeMode')))
  const className = before.volumeAttributesClassName ?? ''
  if (className !== '' && (claim.spec?.volumeAttributesClassName ?? '') === '') {
    const words = 'update from non-nil value to nil is forbidden'
    faults.push(forbiddenField(root.child('spec', 'volumeAttributesClassName'), words))
  }
  return faults
}

/** The new spec with the old one's values where changes are allowed. */
function withChangeable(claim: Shared, before: Spec): PersistentVolumeClaimSpec {
  const spec = draftOf<PersistentVolumeClaimSpec>(claim.spec ?? {})
  const take = (field: 'volumeName' | 'storageClassName' | 'volumeAttributesClassName') => {
    if (before[field] === undefined) delete spec[field]
    else spec[field] = before[field]
  }
  if ((before.volumeName ?? '') === '') take('volumeName')
  // A claim that was left without a class may be given the default one.
  if (before.storageClassName === undefined) take('storageClassName')
  take('volumeAttributesClassName')
  const size = before.resources?.requests?.['storage']
  if (claim.status?.phase === 'Bound' && spec.resources?.requests !== undefined && size !== undefined) {
    spec.resources.requests['storage'] = size
  }
  return spec
}

/** A claim grows; it shrinks only back towards what there is. */
function validateSize(claim: Shared, old: Shared, root: FieldPath): FieldError[] {
  const size = claim.spec?.resources?.requests?.['storage'] ?? '0'
  const before = old.spec?.resources?.requests?.['storage'] ?? '0'
  const actual = old.status?.capacity?.['storage'] ?? '0'
  if (cmpQuantity(size, before) >= 0 || cmpQuantity(size, actual) > 0) return []
  const path = root.child('spec', 'resources', 'requests', 'storage')
  return [forbiddenField(path, 'field can not be less than status.capacity')]
}

export function validateClaimStatusUpdate({ status }: Shared, _old: Shared, root: FieldPath): FieldError[] {
  const path = root.child('status', 'capacity')
  const faults: FieldError[] = []
  for (const [name, amount] of Object.entries(status?.capacity ?? {})) {
    faults.push(...validateResourceAmount(name, amount, path.key(name)))
  }
  const allocated = root.child('status', 'allocatedResources')
  for (const [name, amount] of Object.entries(status?.allocatedResources ?? {})) {
    const wrong = validateResourceName(name, allocated.key(name))
    faults.push(...wrong)
    if (wrong.length > 0) continue
    if (!name.includes('/') && name !== 'storage') {
      faults.push(invalidValue(allocated.key(name), name, `storage resource must be 'storage'`))
    } else faults.push(...positiveAmount(amount, allocated.key(name)))
  }
  return faults
}
