/** What a driver may offer (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength, dnsSubdomain } from '../../../../meta/names.ts'
import {
  deepEqual,
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  required,
  tooLong,
} from '../../../../meta/validation.ts'
import { asGiven, isGiven } from '../../../../wire/json/nil.ts'
import { validateNodeSelector } from '../../../core/v1/pod/validation/affinity.ts'
import type {
  Counter,
  Device,
  DeviceAttribute,
  DeviceCapacity,
  ResourcePool,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../../generated/resource-v1.ts'
import { validateBindingConditions, validateTaint } from '../devices.ts'
import { attributeName, driverName, entryPath, judgeList, judgeSet, labelName, poolName } from '../names.ts'
import { validateRequestPolicy } from './validate-request-policy.ts'

type Shared = DeepReadonly<ResourceSlice>
type Spec = DeepReadonly<ResourceSliceSpec>

const MAX_DEVICES = 128
/** Of devices that can do more than be there. */
const MAX_CLEVER_DEVICES = 64
const MAX_ATTRIBUTES = 32
const MAX_TAINTS = 16
const MAX_COUNTERS = 32
const MAX_COUNTER_SETS = 8
const MAX_CONSUMED_SETS = 2
const MAX_ATTRIBUTE_TEXT = 64
const VALUES = ['bool', 'int', 'string', 'version'] as const
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/

/** Every fault of a slice; `old` is what it was. */
export function validateSlice({ spec }: Shared, old: Shared | undefined, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { devices, sharedCounters } = spec ?? {}
  const faults = [...driverName(spec?.driver, path.child('driver')), ...validatePool(spec?.pool, path.child('pool'))]
  if (old !== undefined) faults.push(...validateSame(spec, old.spec, path))
  faults.push(...validatePlaces(spec, path))
  if (asGiven(spec, 'sharedCounters') !== undefined && asGiven(spec, 'devices') !== undefined)
    faults.push(invalidValue(path, '', 'only one of `sharedCounters` or `devices` is allowed'))
  const isClever = devices?.some(
    ({ taints = [], consumesCounters = [] }) => taints.length + consumesCounters.length > 0,
  )
  const limit = isClever === true ? MAX_CLEVER_DEVICES : MAX_DEVICES
  const keyOf = ({ name = '' }: { readonly name?: string }) => name
  return [
    ...faults,
    ...judgeSet(devices, { limit, keyOf }, path.child('devices'), (device, at) =>
      validateDevice(device, { spec, was: old?.spec.devices?.find(({ name }) => name === device.name) }, at),
    ),
    ...judgeSet(
      sharedCounters,
      { limit: MAX_COUNTER_SETS, keyOf },
      path.child('sharedCounters'),
      ({ name, counters }, at) => validateCounters({ name: 'name', value: name, counters }, at),
    ),
  ]
}

function validateSame(spec: Spec, old: Spec, path: FieldPath): FieldError[] {
  return [
    ...immutableField(spec?.pool?.name, old.pool?.name, path.child('pool', 'name')),
    ...immutableField(spec?.driver, old.driver, path.child('driver')),
    ...immutableField(spec?.nodeName, old.nodeName, path.child('nodeName')),
  ]
}

function validatePool(pool: DeepReadonly<ResourcePool> | undefined, path: FieldPath): FieldError[] {
  const { name, generation = 0, resourceSliceCount = 0 } = pool ?? {}
  const faults = poolName(name, path.child('name'))
  if (resourceSliceCount <= 0) {
    faults.push(invalidValue(path.child('resourceSliceCount'), resourceSliceCount, 'must be greater than zero'))
  }
  if (generation < 0) {
    faults.push(invalidValue(path.child('generation'), generation, 'must be greater than or equal to zero'))
  }
  return faults
}

const PLACES = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

/** Where the devices are: in one of four ways. */
function validatePlaces(spec: Spec, path: FieldPath): FieldError[] {
  const { faults, set } = placesOf(spec, path, 'must be either unset or set to a non-empty string')
  if (spec?.nodeSelector !== undefined) {
    const terms = spec.nodeSelector.nodeSelectorTerms ?? []
    const at = path.child('nodeSelector', 'nodeSelectorTerms')
    const shown = terms.length === 0 && !isGiven(terms) ? null : terms
    if (terms.length !== 1) faults.push(invalidValue(at, shown, 'must have exactly one node selector term'))
  }
  if (spec?.perDeviceNodeSelection === true) set.push('`perDeviceNodeSelection`')
  if (spec?.perDeviceNodeSelection === false)
    faults.push(invalidValue(path.child('perDeviceNodeSelection'), false, 'must be either unset or set to true'))
  if (set.length === 0) faults.push(required(path, PLACES))
  if (set.length > 1) faults.push(invalidValue(path, `{${set.join(', ')}}`, `${PLACES}, but multiple fields are set`))
  return faults
}

type Placed = Pick<Spec, 'nodeName' | 'nodeSelector' | 'allNodes'>

function placesOf({ nodeName, nodeSelector, allNodes }: Placed, path: FieldPath, empty: string) {
  const faults: FieldError[] = []
  const set: string[] = []
  const at = path.child('nodeName')
  if (nodeName === '') faults.push(invalidValue(at, '', empty))
  else if (nodeName !== undefined) {
    set.push('`nodeName`')
    faults.push(...invalidEach(at, nodeName, dnsSubdomain(nodeName)))
  }
  if (nodeSelector !== undefined) {
    set.push('`nodeSelector`')
    faults.push(...validateNodeSelector(nodeSelector, path.child('nodeSelector')))
  }
  if (allNodes === true) set.push('`allNodes`')
  if (allNodes === false)
    faults.push(invalidValue(path.child('allNodes'), false, 'must be either unset or set to true'))
  return { faults, set }
}

interface Around {
  readonly spec: Spec
  /** The same device before an update. */
  readonly was: DeepReadonly<Device> | undefined
}

function validateDevice(device: DeepReadonly<Device>, { spec, was }: Around, path: FieldPath): FieldError[] {
  const { attributes = {}, capacity = {}, taints } = device
  const faults = labelName(device.name, path.child('name'))
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  if (count > MAX_ATTRIBUTES) {
    const detail = `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES}`
    faults.push(invalidValue(path, count, detail))
  }
  faults.push(...judgeMap(attributes, path.child('attributes'), attributeFaults))
  const judgeCapacity = (one: DeepReadonly<DeviceCapacity>, at: FieldPath) =>
    capacityFaults(one, device.allowMultipleAllocations === true, at.child('requestPolicy'))
  faults.push(...judgeMap(capacity, path.child('capacity'), judgeCapacity))
  if (was === undefined || !deepEqual(was.taints, taints))
    faults.push(...judgeList(taints, MAX_TAINTS, path.child('taints'), validateTaint))
  const keyOf = ({ counterSet = '' }: { readonly counterSet?: string }) => counterSet
  faults.push(
    ...judgeSet(
      device.consumesCounters,
      { limit: MAX_CONSUMED_SETS, keyOf },
      path.child('consumesCounters'),
      ({ counterSet: value, counters }, at) => validateCounters({ name: 'counterSet', value, counters }, at),
    ),
  )
  faults.push(...validateDevicePlaces(device, spec?.perDeviceNodeSelection === true, path))
  return [...faults, ...validateBindingConditions(device, path)]
}

function validateDevicePlaces(device: DeepReadonly<Device>, isPerDevice: boolean, path: FieldPath): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device
  if (!isPerDevice) {
    if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return []
    const words =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
    return [invalidValue(path, null, words)]
  }
  const words =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const { faults, set } = placesOf(device, path, 'must not be empty')
  if (set.length === 0) faults.push(required(path, words))
  if (set.length > 1) faults.push(invalidValue(path, `{${set.join(', ')}}`, words))
  return faults
}

/** The faults of keys and values of attributes or capacities. */
function judgeMap<T>(
  map: Readonly<Record<string, T>>,
  path: FieldPath,
  judge: (value: T, at: FieldPath) => readonly FieldError[],
): FieldError[] {
  return Object.entries(map).flatMap(([key, value]) => [
    ...attributeName(key, path),
    ...judge(value, entryPath(path, key)),
  ])
}

function attributeFaults(attribute: DeepReadonly<DeviceAttribute>, path: FieldPath): FieldError[] {
  const { string, version } = attribute
  const faults: FieldError[] = []
  if (string !== undefined && byteLength(string) > MAX_ATTRIBUTE_TEXT)
    faults.push(tooLong(path.child('string'), MAX_ATTRIBUTE_TEXT))
  if (version !== undefined) {
    const at = path.child('version')
    const isLong = byteLength(version) > MAX_ATTRIBUTE_TEXT
    if (isLong || !SEMVER.test(version))
      faults.push(invalidValue(at, version, 'must be a string compatible with semver.org spec 2.0.0'))
    if (isLong) faults.push(tooLong(at, MAX_ATTRIBUTE_TEXT))
  }
  const set = VALUES.filter((name) => attribute[name] !== undefined)
  if (set.length !== 1)
    faults.push(invalidValue(path, set.length === 0 ? '' : attribute, 'exactly one value must be specified'))
  return faults
}

function capacityFaults(
  { value, requestPolicy }: DeepReadonly<DeviceCapacity>,
  isShared: boolean,
  path: FieldPath,
): FieldError[] {
  if (requestPolicy === undefined) return []
  return isShared
    ? validateRequestPolicy(value, requestPolicy, path)
    : [forbiddenField(path, 'allowMultipleAllocations must be true')]
}

interface Counted {
  /** The field that names the set. */
  readonly name: string
  readonly value: string | undefined
  readonly counters: Readonly<Record<string, DeepReadonly<Counter>>> | undefined
}

function validateCounters({ name, value, counters = {} }: Counted, path: FieldPath): FieldError[] {
  const faults = (value ?? '') === '' ? [required(path.child(name))] : labelName(value, path.child(name))
  const at = path.child('counters')
  const names = Object.keys(counters)
  if (names.length === 0) return [...faults, required(at)]
  return [...faults, ...judgeCounters(names, at)]
}

function judgeCounters(names: readonly string[], path: FieldPath): FieldError[] {
  return names.length > MAX_COUNTERS
    ? judgeList(names, MAX_COUNTERS, path, () => [])
    : names.flatMap((name) => labelName(name, path))
}
