/** CSINode, storage.k8s.io/v1: the storage drivers of one node (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import {
  deepEqual,
  duplicate,
  invalidEach,
  invalidValue,
  isRepeated,
  judgeAll,
  nonNegative,
  required,
} from '../../../../meta/validation.ts'
import { ageColumn, nameColumn } from '../../../columns.ts'
import type { CSINode, CSINodeDriver } from '../../../generated/storage-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateDriverName } from '../driver-name.ts'

const MAX_NODE_ID = 256

export const csiNodes = defineResource<CSINode>('storage.k8s.io/v1/csinodes', {
  allowUnconditionalUpdate: false,
  countsGeneration: false,
  setDefaults: (draft) => {
    draft.spec ??= { drivers: [] }
    draft.spec.drivers ??= []
  },
  validate: ({ spec }, root) => validateDrivers(spec.drivers ?? [], root.child('spec', 'drivers')),
  validateUpdate: ({ spec }, old, root) => {
    const path = root.child('spec', 'drivers')
    const drivers = spec.drivers ?? []
    const faults = validateDrivers(drivers, path)
    // What a driver said of itself stands until it is registered anew; how much it can take may change.
    const byName = new Map(drivers.map((driver) => [driver.name, driver] as const).toReversed())
    for (const before of old.spec.drivers ?? []) {
      const now = byName.get(before.name)
      if (now === undefined) continue
      const isSame = now.nodeID === before.nodeID && deepEqual(now.topologyKeys, before.topologyKeys)
      if (!isSame) faults.push(invalidValue(path, now, 'field is immutable'))
    }
    return faults
  },
  columns: [
    nameColumn(),
    { name: 'Drivers', type: 'integer', cell: ({ spec }) => (spec.drivers ?? []).length },
    ageColumn(),
  ],
})

function validateDrivers(drivers: readonly DeepReadonly<CSINodeDriver>[], path: FieldPath): FieldError[] {
  const names = drivers.map(({ name }) => name)
  return judgeAll(drivers, (driver, at) => {
    const each = path.index(at)
    const { name, nodeID = '', topologyKeys = [], allocatable } = driver
    const faults = validateDriverName(name, each.child('name'))
    if (isRepeated(names, name, at)) faults.push(duplicate(each.child('name'), name))
    if (nodeID === '') faults.push(required(each.child('nodeID')))
    if (nodeID.length > MAX_NODE_ID) {
      faults.push(invalidValue(each.child('nodeID'), nodeID, `must be ${MAX_NODE_ID} characters or less`))
    }
    topologyKeys.forEach((key, position) => {
      // Kubernetes tells the place of keys so.
      if (key === '') faults.push(required(each))
      if (isRepeated(topologyKeys, key, position)) faults.push(duplicate(each, key))
      faults.push(...invalidEach(each, key, qualifiedName(key)))
    })
    return [...faults, ...nonNegative(allocatable?.count, each.child('allocatable', 'count'))]
  })
}
