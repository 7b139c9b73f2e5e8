/** DeviceClass, resource.k8s.io/v1: devices that are alike for those who ask for them (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#deviceclass). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { invalidValue } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn } from '../../../columns.ts'
import { isExtendedResource } from '../../../core/v1/resource-names.ts'
import type { DeviceClass } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateOpaque, validateSelectors } from '../devices.ts'
import { judgeList } from '../names.ts'

const MAX_CONFIG = 32

export const deviceClasses = defineResource<DeviceClass>('resource.k8s.io/v1/deviceclasses', {
  validate: validate,
  columns: [nameColumn(), ageColumn()],
})

function validate({ spec }: DeepReadonly<DeviceClass>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { selectors = [], config = [], extendedResourceName: extended } = spec ?? {}
  const faults = validateSelectors(selectors, path.child('selectors'))
  faults.push(...judgeList(config, MAX_CONFIG, path.child('config'), ({ opaque }, at) => validateOpaque(opaque, at)))
  if (extended !== undefined && !isExtendedResource(extended)) {
    const detail = 'must be a valid extended resource name'
    faults.push(invalidValue(path.child('extendedResourceName'), extended, detail))
  }
  return faults
}
