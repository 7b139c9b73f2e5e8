/** ResourceSlice, resource.k8s.io/v1: devices that a driver offers (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { cIdentifier, dnsLabel, dnsSubdomain } from '../../../../meta/names.ts'
import { duplicate, immutableField, invalidEach, invalidValue, required, tooLong } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { Device, DeviceAttribute, ResourcePool, ResourceSlice } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { tooManyItems } from '../devices.ts'

type Shared = DeepReadonly<ResourceSlice>

const MAX_DEVICES = 128
const MAX_ATTRIBUTES = 32
const MAX_ATTRIBUTE_TEXT = 64
const VALUES = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'] as const

export const resourceSlices = defineResource<ResourceSlice>('resource.k8s.io/v1/resourceslices', {
  validate,
  validateUpdate: (object, old, root) => {
    const path = root.child('spec')
    return [
      ...validate(object, root),
      ...immutableField(object.spec.driver, old.spec.driver, path.child('driver')),
      ...immutableField(object.spec.pool?.name, old.spec.pool?.name, path.child('pool', 'name')),
      ...immutableField(object.spec.nodeName, old.spec.nodeName, path.child('nodeName')),
    ]
  },
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

function validate({ spec }: Shared, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { driver = '', pool, devices = [], nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec ?? {}
  const faults =
    driver === '' ? [required(path.child('driver'))] : invalidEach(path.child('driver'), driver, dnsSubdomain(driver))
  faults.push(...validatePool(pool, path.child('pool')))
  const places = [
    (nodeName ?? '') !== '',
    nodeSelector !== undefined,
    allNodes === true,
    perDeviceNodeSelection === true,
  ].filter(Boolean).length
  const which = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  if (places === 0) faults.push(required(path, which))
  if (places > 1) faults.push(invalidValue(path, null, `${which}, but multiple fields are set`))
  if (nodeName !== undefined && nodeName !== '') {
    faults.push(...invalidEach(path.child('nodeName'), nodeName, dnsSubdomain(nodeName)))
  }
  const at = path.child('devices')
  faults.push(...tooManyItems(devices.length, MAX_DEVICES, at))
  devices.forEach((device, position) => {
    faults.push(...validateDevice(device, at.index(position)))
    if (devices.findIndex(({ name }) => name === device.name) < position) {
      faults.push(duplicate(at.index(position).child('name'), device.name))
    }
  })
  return faults
}

function validatePool(pool: DeepReadonly<ResourcePool> | undefined, path: FieldPath): FieldError[] {
  const { name = '', generation = 0, resourceSliceCount = 0 } = pool ?? {}
  const faults: FieldError[] = []
  if (name === '') faults.push(required(path.child('name')))
  else {
    for (const part of name.split('/')) faults.push(...invalidEach(path.child('name'), part, dnsSubdomain(part)))
  }
  if (resourceSliceCount <= 0) {
    faults.push(invalidValue(path.child('resourceSliceCount'), resourceSliceCount, 'must be greater than zero'))
  }
  if (generation < 0) {
    faults.push(invalidValue(path.child('generation'), generation, 'must be greater than or equal to zero'))
  }
  return faults
}

function validateDevice(device: DeepReadonly<Device>, path: FieldPath): FieldError[] {
  const { name = '', attributes = {}, capacity = {} } = device
  const faults = name === '' ? [required(path.child('name'))] : invalidEach(path.child('name'), name, dnsLabel(name))
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  if (count > MAX_ATTRIBUTES) {
    const detail = `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES}`
    faults.push(invalidValue(path, count, detail))
  }
  for (const [key, value] of Object.entries(attributes)) {
    const each = path.child('attributes').key(key)
    faults.push(...qualifiedFaults(key, path.child('attributes')), ...attributeFaults(value, each))
  }
  for (const key of Object.keys(capacity)) faults.push(...qualifiedFaults(key, path.child('capacity')))
  return faults
}

/** `name` or `driver.example.com/name`. */
function qualifiedFaults(text: string, path: FieldPath): FieldError[] {
  if (text === '') return [required(path, 'name must not be empty')]
  const [first = '', second, ...rest] = text.split('/')
  if (rest.length > 0) return [invalidValue(path, text, 'must be a qualified name')]
  if (second === undefined) return invalidEach(path, text, cIdentifier(text))
  return [...invalidEach(path, first, dnsSubdomain(first)), ...invalidEach(path, second, cIdentifier(second))]
}

function attributeFaults(attribute: DeepReadonly<DeviceAttribute>, path: FieldPath): FieldError[] {
  const set = VALUES.filter((name) => attribute[name] !== undefined)
  if (set.length === 0) return [required(path, 'exactly one value must be specified')]
  if (set.length > 1) return [invalidValue(path, attribute, 'exactly one value must be specified')]
  for (const name of ['string', 'version'] as const) {
    const text = attribute[name]
    if (text !== undefined && text.length > MAX_ATTRIBUTE_TEXT) return [tooLong(path.child(name), MAX_ATTRIBUTE_TEXT)]
  }
  return []
}
