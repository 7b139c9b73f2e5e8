/** What claims, templates and classes say of devices (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). */

import { ProgramError } from '../../../meta/cel/compile.ts'
import { deviceSelector, MAX_SELECTOR_COST, NotBoolean } from '../../../meta/cel/devices.ts'
import { CompileError } from '../../../meta/cel/source.ts'
import { toJson } from '../../../wire/json/stringify.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { byteLength, dnsSubdomain, labelValue } from '../../../meta/names.ts'
import {
  duplicate,
  forbiddenField,
  internalFault,
  invalidEach,
  invalidValue,
  notSupported,
  required,
  tooLong,
  isRepeated,
} from '../../../meta/validation.ts'
import type {
  Device,
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceTaint,
  DeviceToleration,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
  ResourceClaimSpec,
} from '../../generated/resource-v1.ts'
import { driverName, fullAttributeName, judgeList, judgeSet, keyName, labelName } from './names.ts'

const MAX_SELECTORS = 32
const MAX_REQUESTS = 32
const MAX_CONDITIONS = 4
const MAX_ALTERNATIVES = 8
const MAX_EXPRESSION = 10 * 1024
const MAX_PARAMETERS = 10 * 1024
const MODES = ['All', 'ExactCount']
const OPERATORS = ['Equal', 'Exists']
const EFFECTS = ['NoExecute', 'NoSchedule', 'None']

/** One device of each request, unless it says otherwise. */
export function defaultClaimSpec(spec: ResourceClaimSpec | undefined): void {
  for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
    for (const request of [...(exactly === undefined ? [] : [exactly]), ...firstAvailable]) {
      request.allocationMode ??= 'ExactCount'
      if (request.allocationMode === 'ExactCount') request.count ??= 1
      for (const toleration of request.tolerations ?? []) toleration.operator ??= 'Equal'
    }
  }
}

/** Every fault of what a claim asks for. */
export function validateClaimSpec(spec: DeepReadonly<ResourceClaimSpec> | undefined, path: FieldPath): FieldError[] {
  return validateClaim(spec?.devices ?? {}, path.child('devices'))
}

function validateClaim(claim: DeepReadonly<DeviceClaim>, path: FieldPath): FieldError[] {
  const names = requestNames(claim)
  return [
    ...judgeSet(claim.requests, { limit: MAX_REQUESTS, keyOf: nameOf }, path.child('requests'), validateRequest),
    ...judgeList(claim.constraints, MAX_REQUESTS, path.child('constraints'), (each, at) =>
      validateConstraint(each, names, at),
    ),
    ...judgeList(claim.config, MAX_REQUESTS, path.child('config'), ({ requests, opaque }, at) => [
      ...knownRequests(requests, names, at.child('requests')),
      ...validateOpaque(opaque, at),
    ]),
  ]
}

const nameOf = ({ name }: { readonly name?: string }) => name ?? ''

/** What may be named as a request: each, and its alternatives behind a slash. */
export function requestNames({ requests = [] }: DeepReadonly<DeviceClaim>): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((each) => `${name}/${each.name}`),
    ]),
  )
}

const UNKNOWN_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

/** Faults of a name that should be a request's. */
export function knownRequest(name: string | undefined, names: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const parts = (name ?? '').split('/')
  const unknown = names.has(name ?? '') ? [] : [invalidValue(path, name ?? '', UNKNOWN_REQUEST)]
  return parts.length > 2 ? unknown : [...parts.flatMap((part) => labelName(part, path)), ...unknown]
}

/** Faults of a list of requests' names. */
export function knownRequests(
  of: readonly string[] | undefined,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  return judgeSet(of, { limit: MAX_REQUESTS, keyOf: (name) => name }, path, (name, at) => knownRequest(name, names, at))
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeepReadonly<DeviceConstraint>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const faults = knownRequests(requests, names, path.child('requests'))
  if (matchAttribute !== undefined)
    return [...faults, ...fullAttributeName(matchAttribute, path.child('matchAttribute'))]
  if (distinctAttribute !== undefined)
    return [...faults, ...fullAttributeName(distinctAttribute, path.child('distinctAttribute'))]
  const words = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  return [...faults, required(path, words)]
}

function validateRequest(request: DeepReadonly<DeviceRequest>, path: FieldPath): FieldError[] {
  const { exactly, firstAvailable = [] } = request
  const faults = labelName(request.name, path.child('name'))
  if (exactly === undefined && firstAvailable.length === 0) {
    return [...faults, required(path, 'exactly one of `exactly` or `firstAvailable` is required')]
  }
  if (exactly !== undefined && firstAvailable.length > 0) {
    const detail = 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'
    return [...faults, invalidValue(path, null, detail)]
  }
  if (exactly !== undefined) return [...faults, ...validateExact(exactly, path.child('exactly'))]
  const rules = { limit: MAX_ALTERNATIVES, keyOf: nameOf }
  const judge = (each: (typeof firstAvailable)[number], at: FieldPath) => [
    ...labelName(each.name, at.child('name')),
    ...validateExact(each, at),
  ]
  return [...faults, ...judgeSet(firstAvailable, rules, path.child('firstAvailable'), judge)]
}

function validateExact(request: DeepReadonly<ExactDeviceRequest>, path: FieldPath): FieldError[] {
  const { deviceClassName = '', selectors = [], allocationMode = '', count, tolerations = [] } = request
  const name = path.child('deviceClassName')
  const faults =
    deviceClassName === '' ? [required(name)] : invalidEach(name, deviceClassName, dnsSubdomain(deviceClassName))
  faults.push(...validateSelectors(selectors, path.child('selectors')))
  const at = path.child('count')
  if (allocationMode === 'All') {
    if ((count ?? 0) !== 0) faults.push(invalidValue(at, count, "must not be specified when allocationMode is 'All'"))
  } else if (allocationMode === 'ExactCount') {
    if ((count ?? 0) <= 0) faults.push(invalidValue(at, count ?? 0, 'must be greater than zero'))
  } else faults.push(notSupported(path.child('allocationMode'), allocationMode, MODES))
  tolerations.forEach((each, position) =>
    faults.push(...validateToleration(each, path.child('tolerations').index(position))),
  )
  return faults
}

function validateToleration(toleration: DeepReadonly<DeviceToleration>, path: FieldPath): FieldError[] {
  const { key = '', operator, value = '', effect } = toleration
  const faults = key === '' ? [] : keyName(key, path.child('key'))
  const at = path.child('value')
  if (operator === 'Exists') {
    if (value !== '') faults.push(invalidValue(at, value, 'must be empty for operator `Exists`'))
  } else if (operator === 'Equal') faults.push(...invalidEach(at, value, labelValue(value)))
  else faults.push(notSupported(path.child('operator'), operator ?? '', OPERATORS))
  if (effect !== undefined && !EFFECTS.includes(effect))
    faults.push(notSupported(path.child('effect'), effect, EFFECTS))
  return faults
}

/** Every fault of what keeps claims off a device. */
export function validateTaint(
  { key, value = '', effect }: DeepReadonly<DeviceTaint>,
  path: FieldPath,
): readonly FieldError[] {
  const at = path.child('effect')
  const faults = keyName(key, path.child('key'))
  if (value !== '') faults.push(...invalidEach(path.child('value'), value, labelValue(value)))
  if (effect === undefined || String(effect) === '') faults.push(required(at))
  else if (!EFFECTS.includes(effect)) faults.push(notSupported(at, effect, EFFECTS))
  return faults
}

/** Conditions that a device waits for, and those that tell it will never be ready: both or none. */
export function validateBindingConditions(
  {
    bindingConditions: wanted = [],
    bindingFailureConditions: failed = [],
  }: Pick<DeepReadonly<Device>, 'bindingConditions' | 'bindingFailureConditions'>,
  path: FieldPath,
): FieldError[] {
  const at = path.child('bindingConditions')
  const failedAt = path.child('bindingFailureConditions')
  const faults = [
    ...judgeList(wanted, MAX_CONDITIONS, at, keyName),
    ...judgeList(failed, MAX_CONDITIONS, failedAt, keyName),
  ]
  const conditions = new Set(wanted)
  wanted.forEach((one, n) => isRepeated(wanted, one, n) && faults.push(duplicate(at.index(n), one)))
  failed.forEach((one, n) => {
    if (isRepeated(failed, one, n)) faults.push(duplicate(failedAt.index(n), one))
    const words = 'bindingFailureConditions must not overlap with bindingConditions'
    if (conditions.has(one)) faults.push(invalidValue(failedAt.index(n), one, words))
  })
  if (wanted.length === 0 && failed.length > 0)
    faults.push(invalidValue(at, null, 'bindingConditions are required to use bindingFailureConditions'))
  if (failed.length === 0 && wanted.length > 0)
    faults.push(invalidValue(failedAt, null, 'bindingFailureConditions are required to use bindingConditions'))
  return faults
}

/** Every fault of expressions that pick devices. */
export function validateSelectors(selectors: readonly DeepReadonly<DeviceSelector>[], path: FieldPath): FieldError[] {
  return judgeList(selectors, MAX_SELECTORS, path, ({ cel }, at) => {
    if (cel === undefined) return [required(at.child('cel'))]
    const text = at.child('cel', 'expression')
    const expression = cel.expression ?? ''
    if (byteLength(expression) > MAX_EXPRESSION) return [tooLong(text, MAX_EXPRESSION)]
    return selectorFaults(expression, text)
  })
}

function selectorFaults(expression: string, path: FieldPath): FieldError[] {
  try {
    const { worstCost } = deviceSelector(expression)
    return worstCost > MAX_SELECTOR_COST ? [forbiddenField(path, 'too complex, exceeds cost limit')] : []
  } catch (error) {
    if (error instanceof CompileError) return [invalidValue(path, expression, `compilation failed: ${error.message}`)]
    if (error instanceof ProgramError) return [internalFault(path, error.message)]
    if (error instanceof NotBoolean) return [invalidValue(path, expression, error.message)]
    throw error
  }
}

/** Every fault of settings that only their driver understands. */
export function validateOpaque(
  opaque: DeepReadonly<OpaqueDeviceConfiguration> | undefined,
  path: FieldPath,
): FieldError[] {
  const at = path.child('opaque')
  if (opaque === undefined) return [required(at)]
  return [
    ...driverName(opaque.driver, at.child('driver')),
    ...validateParameters(opaque.parameters, at.child('parameters')),
  ]
}

/** Every fault of an object that only a driver understands. */
export function validateParameters(parameters: unknown, path: FieldPath): FieldError[] {
  if (parameters === undefined || parameters === null) return [required(path)]
  if (toJson(parameters).length > MAX_PARAMETERS) return [tooLong(path, MAX_PARAMETERS)]
  const isObject = typeof parameters === 'object' && !Array.isArray(parameters)
  return isObject ? [] : [invalidValue(path, '<value omitted>', 'must be a valid JSON object')]
}
