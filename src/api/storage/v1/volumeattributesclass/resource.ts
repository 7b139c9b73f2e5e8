/** VolumeAttributesClass, storage.k8s.io/v1: qualities of a volume that may change (https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { deepEqual, forbiddenField, invalidValue, required, tooLong } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { VolumeAttributesClass } from '../../../generated/storage-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateProvisioner } from '../driver-name.ts'

const MAX_PARAMETERS = 512
const MAX_BYTES = 256 * 1024

export const volumeAttributesClasses = defineResource<VolumeAttributesClass>(
  'storage.k8s.io/v1/volumeattributesclasses',
  {
    validate: validateClass,
    validateUpdate: (object, old, root) => [
      ...(object.driverName === old.driverName
        ? []
        : [forbiddenField(root.child('driverName'), 'updates to driverName are forbidden.')]),
      ...(deepEqual(object.parameters, old.parameters)
        ? []
        : [forbiddenField(root.child('parameters'), 'updates to parameters are forbidden.')]),
      ...validateClass(object, root),
    ],
    columns: [nameColumn(), textColumn('DriverName', ({ driverName }) => driverName), ageColumn()],
  },
)

function validateClass(object: DeepReadonly<VolumeAttributesClass>, root: FieldPath): FieldError[] {
  const { driverName, parameters } = object
  const path = root.child('parameters')
  const faults = validateProvisioner(driverName, root.child('driverName'))
  const entries = Object.entries(parameters ?? {})
  if (entries.length === 0) return [...faults, required(path, 'must contain at least one key/value pair')]
  if (entries.length > MAX_PARAMETERS) {
    faults.push(tooLong(path, MAX_PARAMETERS))
  }
  if (entries.some(([key]) => key === '')) faults.push(invalidValue(path, '', 'field can not be empty.'))
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  return size > MAX_BYTES ? [...faults, tooLong(path, MAX_BYTES)] : faults
}
