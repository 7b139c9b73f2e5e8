/** ResourceSlice, resource.k8s.io/v1: devices that a driver offers (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice). */

import { toTime } from '../../../../base/clock.ts'
import { deepEqual } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { DeviceAttribute, ResourceSlice } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateSlice } from './validate.ts'

export const resourceSlices = defineResource<ResourceSlice>('resource.k8s.io/v1/resourceslices', {
  setDefaults: noteTaints,
  dropDisabledFields: (draft, old) => {
    const hasDropped = dropUnserved(draft)
    // What was sent counts, whatever becomes of it.
    if (hasDropped && old !== undefined && deepEqual(draft.spec, old.spec)) {
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1
    }
  },
  validate: (slice, root) => validateSlice(slice, undefined, root),
  validateUpdate: validateSlice,
  warnings: ({ spec: { driver = '' } }) =>
    driver === driver.toLowerCase()
      ? []
      : [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`],
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver ?? '',
  },
  columns: [
    nameColumn(),
    textColumn('Node', ({ spec }) => spec.nodeName ?? '<unset>'),
    textColumn('Driver', ({ spec }) => spec.driver),
    textColumn('Pool', ({ spec }) => spec.pool?.name ?? ''),
    ageColumn(),
  ],
})

function noteTaints({ spec }: ResourceSlice, now: number): void {
  for (const { taints = [] } of spec?.devices ?? []) for (const taint of taints) taint.timeAdded ??= toTime(now)
}

/** What Kubernetes drops too unless features are turned on that it has off: attributes of many values, shares of a node. */
const UNSERVED = ['bools', 'ints', 'strings', 'versions'] as const satisfies readonly (keyof DeviceAttribute)[]

/** Answers whether there was something to drop. */
function dropUnserved({ spec }: ResourceSlice): boolean {
  let hasDropped = false
  const drop = <T extends object>(from: T, name: keyof T) => {
    hasDropped ||= from[name] !== undefined
    delete from[name]
  }
  for (const device of spec?.devices ?? []) {
    drop(device, 'nodeAllocatableResourceMappings')
    for (const attribute of Object.values(device.attributes ?? {})) for (const name of UNSERVED) drop(attribute, name)
  }
  return hasDropped
}
