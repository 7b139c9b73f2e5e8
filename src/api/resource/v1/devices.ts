/** What claims, templates and classes say of devices (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { byteLength, cIdentifier, dnsLabel, dnsSubdomain } from '../../../meta/names.ts'
import { duplicate, invalidEach, invalidValue, notSupported, required, tooLong } from '../../../meta/validation.ts'
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
  ResourceClaimSpec,
} from '../../generated/resource-v1.ts'

const MAX_SELECTORS = 32
const MAX_REQUESTS = 32
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

/** A list that is over its limit, and no more is said. */
export function tooManyItems(count: number, limit: number, path: FieldPath): FieldError[] {
  if (count <= limit) return []
  const message = `Too many: ${count}: must have at most ${limit} items`
  return [{ type: 'FieldValueTooMany', field: path.toString(), message }]
}

/** Every fault of what a claim asks for. */
export function validateClaimSpec(spec: DeepReadonly<ResourceClaimSpec> | undefined, path: FieldPath): FieldError[] {
  return validateClaim(spec?.devices ?? {}, path.child('devices'))
}

function validateClaim(claim: DeepReadonly<DeviceClaim>, path: FieldPath): FieldError[] {
  const { requests = [], constraints = [], config = [] } = claim
  const names = new Set<string>()
  for (const { name, firstAvailable = [] } of requests) {
    names.add(name)
    for (const alternative of firstAvailable) names.add(`${name}/${alternative.name}`)
  }
  const at = path.child('requests')
  const faults = tooManyItems(requests.length, MAX_REQUESTS, at)
  requests.forEach((request, position) => {
    faults.push(...validateRequest(request, at.index(position)))
    if (requests.findIndex(({ name }) => name === request.name) < position) {
      faults.push(duplicate(at.index(position).child('name'), request.name))
    }
  })
  faults.push(...tooManyItems(constraints.length, MAX_REQUESTS, path.child('constraints')))
  constraints.forEach((each, n) => faults.push(...validateConstraint(each, names, path.child('constraints').index(n))))
  faults.push(...tooManyItems(config.length, MAX_REQUESTS, path.child('config')))
  config.forEach(({ requests: of = [], opaque }, position) => {
    const each = path.child('config').index(position)
    faults.push(...knownRequests(of, names, each.child('requests')), ...validateOpaque(opaque, each))
  })
  return faults
}

function knownRequests(of: readonly string[], names: ReadonlySet<string>, path: FieldPath): FieldError[] {
  return of.flatMap((name, at) => {
    if (of.indexOf(name) < at) return [duplicate(path.index(at), name)]
    return names.has(name)
      ? []
      : [
          invalidValue(
            path.index(at),
            name,
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
          ),
        ]
  })
}

function validateConstraint(
  { requests = [], matchAttribute, distinctAttribute }: DeepReadonly<DeviceConstraint>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const faults = knownRequests(requests, names, path.child('requests'))
  if (matchAttribute !== undefined) return [...faults, ...fullName(matchAttribute, path.child('matchAttribute'))]
  if (distinctAttribute !== undefined)
    return [...faults, ...fullName(distinctAttribute, path.child('distinctAttribute'))]
  return [...faults, required(path.child('matchAttribute'))]
}

/** `driver.example.com/attribute`. */
function fullName(text: string, path: FieldPath): FieldError[] {
  const [domain = '', name, ...rest] = text.split('/')
  if (name === undefined || rest.length > 0) return [invalidValue(path, text, 'must include a domain')]
  return [...invalidEach(path, domain, dnsSubdomain(domain)), ...invalidEach(path, name, cIdentifier(name))]
}

function validateRequest(request: DeepReadonly<DeviceRequest>, path: FieldPath): FieldError[] {
  const { name = '', exactly, firstAvailable = [] } = request
  const faults: FieldError[] =
    name === '' ? [required(path.child('name'))] : invalidEach(path.child('name'), name, dnsLabel(name))
  if (exactly === undefined && firstAvailable.length === 0) {
    return [...faults, required(path, 'exactly one of `exactly` or `firstAvailable` is required')]
  }
  if (exactly !== undefined && firstAvailable.length > 0) {
    const detail = 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'
    return [...faults, invalidValue(path, null, detail)]
  }
  if (exactly !== undefined) return [...faults, ...validateExact(exactly, path.child('exactly'))]
  const at = path.child('firstAvailable')
  faults.push(...tooManyItems(firstAvailable.length, MAX_ALTERNATIVES, at))
  firstAvailable.forEach((each, position) => {
    const own = at.index(position)
    faults.push(
      ...invalidEach(own.child('name'), each.name ?? '', dnsLabel(each.name ?? '')),
      ...validateExact(each, own),
    )
    if (firstAvailable.findIndex((other) => other.name === each.name) < position) {
      faults.push(duplicate(own.child('name'), each.name))
    }
  })
  return faults
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
  const faults: FieldError[] = []
  if (operator === undefined || !OPERATORS.includes(operator)) {
    faults.push(notSupported(path.child('operator'), operator ?? '', OPERATORS))
  }
  if (operator === 'Exists' && value !== '') {
    faults.push(invalidValue(path.child('value'), value, 'must be empty for operator `Exists`'))
  }
  if (operator === 'Equal' && key === '') faults.push(required(path.child('key'), 'must be set for operator `Equal`'))
  if (effect !== undefined && !EFFECTS.includes(effect))
    faults.push(notSupported(path.child('effect'), effect, EFFECTS))
  return faults
}

/** Every fault of expressions that pick devices. */
export function validateSelectors(selectors: readonly DeepReadonly<DeviceSelector>[], path: FieldPath): FieldError[] {
  const faults = tooManyItems(selectors.length, MAX_SELECTORS, path)
  selectors.forEach(({ cel }, at) => {
    const each = path.index(at).child('cel')
    if (cel === undefined) faults.push(required(each))
    else if ((cel.expression ?? '') === '') faults.push(required(each.child('expression')))
    else if (byteLength(cel.expression) > MAX_EXPRESSION) faults.push(tooLong(each.child('expression'), MAX_EXPRESSION))
  })
  return faults
}

/** Every fault of settings that only their driver understands. */
export function validateOpaque(
  opaque: DeepReadonly<OpaqueDeviceConfiguration> | undefined,
  path: FieldPath,
): FieldError[] {
  const at = path.child('opaque')
  if (opaque === undefined) return [required(at)]
  const { driver = '', parameters } = opaque
  const faults =
    driver === '' ? [required(at.child('driver'))] : invalidEach(at.child('driver'), driver, dnsSubdomain(driver))
  if (parameters === undefined || parameters === null) return [...faults, required(at.child('parameters'))]
  if (typeof parameters !== 'object' || Array.isArray(parameters)) {
    return [...faults, invalidValue(at.child('parameters'), '<value omitted>', 'must be a valid JSON object')]
  }
  const size = JSON.stringify(parameters).length
  return size > MAX_PARAMETERS ? [...faults, tooLong(at.child('parameters'), MAX_PARAMETERS)] : faults
}
