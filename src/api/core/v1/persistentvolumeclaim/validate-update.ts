/** What may change of a claim: hardly more than its size (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims). */

import { type DeepReadonly, draftOf } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import { cmpQuantity, quantityValue } from '../../../../meta/quantity.ts'
import {
  deepEqual,
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  notSupported,
} from '../../../../meta/validation.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../generated/core-v1.ts'
import { describeChanges } from '../pod/describe-changes.ts'
import { isNativeResource } from '../resource-names.ts'
import { validateClaimSpec } from './validate.ts'

type Shared = DeepReadonly<PersistentVolumeClaim>
type Spec = DeepReadonly<PersistentVolumeClaimSpec>

export function validateClaim({ spec }: Shared, root: FieldPath): FieldError[] {
  return validateClaimSpec(spec ?? {}, root.child('spec'))
}

export function validateClaimUpdate(claim: Shared, old: Shared, root: FieldPath): FieldError[] {
  const before = old.spec ?? {}
  const faults = validateClaimSpec(claim.spec ?? {}, root.child('spec'), before)
  const after = withChangeable(claim, before)
  if (!deepEqual(after, before)) {
    const words = `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${describeChanges(before, after)}`
    faults.push(forbiddenField(root.child('spec'), words))
  }
  faults.push(...validateSize(claim, old, root))
  faults.push(...immutableField(claim.spec?.volumeMode, before.volumeMode, root.child('volumeMode')))
  faults.push(...validateAttributesClass(claim, old, root))
  return faults
}

/** A class that was applied once is not taken away. */
function validateAttributesClass(claim: Shared, old: Shared, root: FieldPath): FieldError[] {
  const { volumeAttributesClassName: name } = claim.spec ?? {}
  const isApplied = old.status?.currentVolumeAttributesClassName !== undefined
  if (!isApplied || (name ?? '') !== '' || name === old.spec?.volumeAttributesClassName) return []
  const words = `update to ${name === undefined ? 'nil' : 'empty string'} is forbidden when status.currentVolumeAttributesClassName is not nil`
  return [forbiddenField(root.child('spec', 'volumeAttributesClassName'), words)]
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
  if (claim.status?.phase === 'Bound') {
    take('volumeAttributesClassName')
    const size = before.resources?.requests?.['storage']
    if (spec.resources?.requests !== undefined && size !== undefined) spec.resources.requests['storage'] = size
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
  const path = root.child('status')
  const { capacity = {}, allocatedResources = {}, allocatedResourceStatuses = {} } = status ?? {}
  const faults = Object.entries(capacity).flatMap(([name, amount]) =>
    validateStatusAmount(amount, path.child('capacity').key(name)),
  )
  const statuses = path.child('allocatedResourceStatuses')
  for (const [name, how] of Object.entries(allocatedResourceStatuses)) {
    faults.push(...validateAllocatedName(name, statuses))
    if (!RESIZE_STATUSES.includes(how)) faults.push(notSupported(statuses, name, RESIZE_STATUSES))
  }
  const allocated = path.child('allocatedResources')
  for (const [name, amount] of Object.entries(allocatedResources)) {
    const wrong = validateAllocatedName(name, allocated)
    faults.push(...(wrong.length > 0 ? wrong : validateStatusAmount(amount, allocated.key(name))))
  }
  return faults
}

/** How far the making of a volume larger is, sorted. */
const RESIZE_STATUSES: readonly string[] = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].toSorted()

/** Of Kubernetes's own resources only storage is allocated to claims. */
function validateAllocatedName(name: string, path: FieldPath): FieldError[] {
  const faults = invalidEach(path, name, qualifiedName(name))
  if (faults.length > 0 || !isNativeResource(name) || name === 'storage') return faults
  return [notSupported(path, name, ['storage'])]
}

/** Units are told, rounded up. */
function validateStatusAmount(amount: string, path: FieldPath): FieldError[] {
  const units = quantityValue(amount)
  return units < 0 ? [invalidValue(path, units, 'must be a valid resource quantity')] : []
}
