/** CSIStorageCapacity, storage.k8s.io/v1: how much room a class has where (https://kubernetes.io/docs/concepts/storage/storage-capacity/). */

import { parseQuantity } from '../../../../meta/quantity.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { validateLabelSelector } from '../../../../meta/validate-label-selector.ts'
import { immutableField, invalidEach, invalidValue, NOT_NEGATIVE } from '../../../../meta/validation.ts'
import type { CSIStorageCapacity } from '../../../generated/storage-v1.ts'
import { defineResource } from '../../../resource.ts'

type Shared = DeepReadonly<CSIStorageCapacity>

export const csiStorageCapacities = defineResource<CSIStorageCapacity>('storage.k8s.io/v1/csistoragecapacities', {
  allowUnconditionalUpdate: false,
  validate: validateCapacity,
  validateUpdate: (object, old, root) => [
    ...validateCapacity(object, root),
    ...immutableField(object.nodeTopology, old.nodeTopology, root.child('nodeTopology')),
    ...immutableField(object.storageClassName, old.storageClassName, root.child('storageClassName')),
  ],
})

function validateCapacity(object: Shared, root: FieldPath): FieldError[] {
  const { nodeTopology, storageClassName = '', capacity } = object
  const faults = nodeTopology === undefined ? [] : validateLabelSelector(nodeTopology, root.child('nodeTopology'))
  return [
    ...faults,
    ...invalidEach(root.child('storageClassName'), storageClassName, dnsSubdomain(storageClassName)),
    ...amount(capacity, root.child('capacity')),
  ]
}

function amount(text: string | undefined, path: FieldPath): FieldError[] {
  if (text === undefined) return []
  const value = parseQuantity(text)
  return value !== undefined && value.nano < 0n ? [invalidValue(path, text, NOT_NEGATIVE)] : []
}
