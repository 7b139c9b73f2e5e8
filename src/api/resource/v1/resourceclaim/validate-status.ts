/** Who holds a claim, and what was allocated for it (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaim). */

import { isIPv4, isIPv6 } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength } from '../../../../meta/names.ts'
import {
  deepEqual,
  forbiddenField,
  immutableField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../../../meta/validation.ts'
import { validateNodeSelector } from '../../../core/v1/pod/validation/affinity.ts'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '../../../generated/resource-v1.ts'
import {
  knownRequest,
  knownRequests,
  requestNames,
  validateBindingConditions,
  validateOpaque,
  validateParameters,
} from '../devices.ts'
import { driverName, judgeList, judgeSet, labelName, poolName } from '../names.ts'
import { deviceId, shownDevice } from './device-id.ts'

type Shared = DeepReadonly<ResourceClaim>

const MAX_CONSUMERS = 256
const MAX_RESULTS = 32
/** Of the claim and of its class. */
const MAX_CONFIG = 64
const MAX_IPS = 16
const SOURCES = ['FromClaim', 'FromClass']

/** Nobody holds what is not allocated, and what is allocated stays as it is while somebody holds it. */
export function validateStatus({ metadata, spec, status }: Shared, old: Shared, root: FieldPath): FieldError[] {
  const path = root.child('status')
  const { allocation, reservedFor = [], devices } = status ?? {}
  const at = path.child('reservedFor')
  const keyOf = ({ uid = '' }: DeepReadonly<ResourceClaimConsumerReference>) => uid
  const held = new Set(allocation?.devices?.results?.map(deviceId))
  const faults = [
    ...judgeSet(reservedFor, { limit: MAX_CONSUMERS, keyOf }, at, validateConsumer),
    ...judgeSet(devices, { limit: Infinity, keyOf: deviceId }, path.child('devices'), (device, each) =>
      validateDevice(device, held, each),
    ),
  ]
  if (reservedFor.length > 0 && allocation === undefined) {
    faults.push(forbiddenField(at, 'may not be specified when `allocated` is not set'))
  }
  const before = old.status?.reservedFor ?? []
  const isNew = (one: DeepReadonly<ResourceClaimConsumerReference>) => !before.some((other) => deepEqual(other, one))
  const added = metadata.deletionTimestamp !== undefined && reservedFor.slice(0, MAX_CONSUMERS + 1).some(isNew)
  if (allocation !== undefined && added) {
    const words = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
    faults.push(forbiddenField(at, words))
  }
  const was = old.status?.allocation
  if (allocation === undefined) return faults
  const here = path.child('allocation')
  const names = requestNames(spec?.devices ?? {})
  return [
    ...faults,
    ...(was === undefined ? validateAllocation(allocation, names, here) : immutableField(allocation, was, here)),
  ]
}

function validateConsumer(
  { uid = '', resource = '', name = '' }: DeepReadonly<ResourceClaimConsumerReference>,
  path: FieldPath,
): FieldError[] {
  return Object.entries({ resource, name, uid }).flatMap(([field, text]) =>
    text === '' ? [required(path.child(field))] : [],
  )
}

function validateAllocation(
  { devices, nodeSelector }: DeepReadonly<AllocationResult>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const at = path.child('devices')
  return [
    ...judgeList(devices?.results, MAX_RESULTS, at.child('results'), (each, here) => validateResult(each, names, here)),
    ...judgeList(devices?.config, MAX_CONFIG, at.child('config'), (each, here) => validateConfig(each, names, here)),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, path.child('nodeSelector'))),
  ]
}

function validateResult(
  result: DeepReadonly<DeviceRequestAllocationResult>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  return [
    ...knownRequest(result.request, names, path.child('request')),
    ...driverName(result.driver, path.child('driver')),
    ...poolName(result.pool, path.child('pool')),
    ...labelName(result.device, path.child('device')),
    ...validateBindingConditions(result, path),
    ...(result.shareID === undefined ? [] : uidFaults(result.shareID, path.child('shareID'))),
  ]
}

function validateConfig(
  { source, requests, opaque }: DeepReadonly<DeviceAllocationConfiguration>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const at = path.child('source')
  const faults =
    (source as string | undefined) === undefined || String(source) === ''
      ? [required(at)]
      : SOURCES.includes(source)
        ? []
        : [notSupported(at, source, SOURCES)]
  return [...faults, ...knownRequests(requests, names, path.child('requests')), ...validateOpaque(opaque, path)]
}

function validateDevice(
  device: DeepReadonly<AllocatedDeviceStatus>,
  held: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const { data, networkData, shareID } = device
  const isHeld = held.has(deviceId(device))
  return [
    ...driverName(device.driver, path.child('driver')),
    ...poolName(device.pool, path.child('pool')),
    ...labelName(device.device, path.child('device')),
    ...(shareID === undefined ? [] : uidFaults(shareID, path.child('shareID'))),
    ...(isHeld ? [] : [invalidValue(path, shownDevice(device), 'must be an allocated device in the claim')]),
    ...(data === undefined || data === null ? [] : validateParameters(data, path.child('data'))),
    ...(networkData === undefined ? [] : validateNetwork(networkData, path.child('networkData'))),
  ]
}

function uidFaults(uid: string, path: FieldPath): FieldError[] {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)) return []
  const words =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
  const isUid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uid)
  return [invalidValue(path, uid, isUid ? words : `error validating uid: invalid UUID length: ${byteLength(uid)}`)]
}

function validateNetwork(
  { interfaceName = '', hardwareAddress = '', ips }: DeepReadonly<NetworkDeviceData>,
  path: FieldPath,
): FieldError[] {
  return [
    ...(byteLength(interfaceName) > 256 ? [tooLong(path.child('interfaceName'), 256)] : []),
    ...(byteLength(hardwareAddress) > 128 ? [tooLong(path.child('hardwareAddress'), 128)] : []),
    ...judgeSet(ips, { limit: MAX_IPS, keyOf: (ip) => ip }, path.child('ips'), interfaceAddress),
  ]
}

/** An address with its prefix, in canonical form. */
function interfaceAddress(text: string, path: FieldPath): FieldError[] {
  const words = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'
  const [address = '', prefix, ...rest] = text.split('/')
  const size = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  const isGood = rest.length === 0 && prefix !== undefined && /^\d{1,3}$/.test(prefix) && Number(prefix) <= size
  return isGood ? [] : [invalidValue(path, text, words)]
}
