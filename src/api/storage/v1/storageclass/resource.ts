/** StorageClass, storage.k8s.io/v1 (https://kubernetes.io/docs/concepts/storage/storage-classes/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { goMap } from '../../../../meta/go-quote.ts'
import { immutableField, invalidValue, notSupported, required, tooLong } from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import type { StorageClass } from '../../../generated/storage-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateProvisioner } from '../driver-name.ts'
import { validateTopologies } from './topologies.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

/** Marks the class that claims without a class get. */
export const IS_DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'
const MAX_PARAMETERS_BYTES = 256 * 1024
const RECLAIM_POLICIES = ['Delete', 'Retain']
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']

export const storageClasses = defineResource<StorageClass>('storage.k8s.io/v1/storageclasses', {
  setDefaults: (draft) => {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate: validateStorageClass,
  validateUpdate: (object, old, root) => [
    ...validateStorageClass(object, root),
    ...immutableField(goMap(asGiven(object, 'parameters')), goMap(old.parameters), root.child('parameters')),
    ...immutableField(object.provisioner, old.provisioner, root.child('provisioner')),
    ...immutableField(object.reclaimPolicy, old.reclaimPolicy, root.child('reclaimPolicy')),
    ...immutableField(object.volumeBindingMode, old.volumeBindingMode, root.child('volumeBindingMode')),
  ],
  columns: [
    {
      ...nameColumn<StorageClass>(),
      cell: ({ metadata }) =>
        metadata.annotations?.[IS_DEFAULT_CLASS] === 'true' ? `${metadata.name} (default)` : metadata.name,
    },
    { name: 'Provisioner', type: 'string', cell: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', cell: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete' },
    { name: 'VolumeBindingMode', type: 'string', cell: ({ volumeBindingMode }) => volumeBindingMode ?? '<unset>' },
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      cell: ({ allowVolumeExpansion }) => allowVolumeExpansion === true,
    },
    ageColumn(),
  ],
})

function validateStorageClass(object: DeepReadonly<StorageClass>, root: FieldPath): FieldError[] {
  const { provisioner, parameters = {}, reclaimPolicy = '', volumeBindingMode: mode } = object
  const faults = validateProvisioner(provisioner, root.child('provisioner'))
  const size = Object.entries(parameters).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  if (Object.hasOwn(parameters, '')) faults.push(invalidValue(root.child('parameters'), '', 'field can not be empty.'))
  if (size > MAX_PARAMETERS_BYTES) faults.push(tooLong(root.child('parameters'), MAX_PARAMETERS_BYTES))
  if (reclaimPolicy !== '' && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    faults.push(notSupported(root.child('reclaimPolicy'), reclaimPolicy, RECLAIM_POLICIES))
  }
  if (mode === undefined) faults.push(required(root.child('volumeBindingMode')))
  else if (!BINDING_MODES.includes(mode))
    faults.push(notSupported(root.child('volumeBindingMode'), mode, BINDING_MODES))
  return [...faults, ...validateTopologies(object.allowedTopologies, root.child('allowedTopologies'))]
}
