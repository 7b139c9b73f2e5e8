/** ConfigMap, v1: settings by key (https://kubernetes.io/docs/concepts/configuration/configmap/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength, configMapKey } from '../../../../meta/names.ts'
import { ENOUGH, invalidEach, invalidValue, tooLong } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { ConfigMap } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { MAX_DATA_BYTES, validateFrozenData } from '../data.ts'

type Shared = DeepReadonly<ConfigMap>

export const configMaps = defineResource<ConfigMap>('v1/configmaps', {
  validate: validateConfigMap,
  validateUpdate: (object, old, root) => [
    ...validateFrozenData(object, old, ['data', 'binaryData'], root),
    ...validateConfigMap(object, root),
  ],
  columns: [
    nameColumn(),
    textColumn('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    ageColumn(),
  ],
})

function validateConfigMap({ data, binaryData }: Shared, root: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  let size = 0
  const check = (bag: 'data' | 'binaryData', key: string, isTaken: boolean) => {
    const path = root.child(bag).key(key)
    faults.push(...invalidEach(path, key, configMapKey(key)))
    const other = bag === 'data' ? 'binaryData' : 'data'
    if (isTaken) faults.push(invalidValue(path, key, `duplicate of key present in ${other}`))
  }
  for (const key in data) {
    if (faults.length > ENOUGH) break
    check('data', key, binaryData !== undefined && Object.hasOwn(binaryData, key))
    size += byteLength(data[key] ?? '')
  }
  for (const key in binaryData) {
    if (faults.length > ENOUGH) break
    check('binaryData', key, data !== undefined && Object.hasOwn(data, key))
    size += Buffer.byteLength(binaryData[key] ?? '', 'base64')
  }
  if (size > MAX_DATA_BYTES) faults.push(tooLong(root.key(''), MAX_DATA_BYTES)) // of no field, which Kubernetes writes so
  return faults
}
