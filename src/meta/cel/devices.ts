/**
 * The environment in which claims and classes pick devices
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/#ResourceClaimSpec).
 */

import type { Checked } from './checker.ts'
import { compile } from './compile.ts'
import { type Shape, worstCost } from './costs/estimate.ts'
import { type Environment, extend, type Fields } from './environment.ts'
import { evaluate } from './evaluate.ts'
import { kubernetesEnvironment } from './kubernetes.ts'
import { readSemver } from './libraries/semver.ts'
import { toQuantity } from './libraries/quantities.ts'
import { BIND_MACROS } from './macros.ts'
import { CompileError } from './source.ts'
import { objectType, readType, typeName } from './types.ts'
import { type CelMap, type CelValue, EvaluationError, LiteralMap } from './values.ts'

/** The most that a selector may cost, estimated and evaluated. */
export const MAX_SELECTOR_COST = 1_000_000
const MAX_KEPT = 1_000

const DEVICE = 'kubernetes.DRADevice'
const TYPES: Readonly<Record<string, string>> = {
  driver: 'string',
  allowMultipleAllocations: 'bool',
  attributes: 'map(string, map(string, any))',
  capacity: 'map(string, map(string, kubernetes.Quantity))',
}
const DEVICE_FIELDS: Fields = {
  field: (name) => (Object.hasOwn(TYPES, name) ? readType(TYPES[name] as string) : undefined),
}

const MAX_PER_DEVICE = 32
const domain: Shape = { size: 63 }
const identifier: Shape = { size: 32 }
const perDomain = (item: Shape): Shape => ({
  size: MAX_PER_DEVICE,
  key: domain,
  item: { size: MAX_PER_DEVICE, key: identifier, item },
})
const DEVICE_SHAPE: Shape = {
  size: Infinity,
  fields: {
    driver: { size: 63 },
    allowMultipleAllocations: { size: 1 },
    attributes: perDomain({ size: 64 }),
    capacity: perDomain({ size: Infinity }),
  },
}

let made: Environment | undefined
const environment = (): Environment =>
  (made ??= extend(kubernetesEnvironment(), {
    variables: { device: objectType(DEVICE) },
    libraries: [{ macros: BIND_MACROS }],
    objects: (name) => (name === DEVICE ? DEVICE_FIELDS : undefined),
  }))

/** What an expression sees of a device: attributes and capacities under their full names or short ones. */
export interface DeviceInput {
  readonly driver: string
  readonly allowMultipleAllocations?: boolean
  readonly attributes?: Readonly<Record<string, DeviceAttributeInput>>
  readonly capacity?: Readonly<Record<string, { readonly value: string }>>
}

export interface DeviceAttributeInput {
  readonly int?: number
  readonly bool?: boolean
  readonly string?: string
  readonly version?: string
}

/** Picks devices. */
export interface DeviceSelector {
  /** Throws `EvaluationError` and `CostExceeded`. */
  matches(device: DeviceInput): boolean
  readonly worstCost: number
}

const kept = new Map<string, DeviceSelector | CompileError>()

/** The selector that an expression is. Throws `CompileError`. */
export function deviceSelector(expression: string): DeviceSelector {
  const found = kept.get(expression) ?? build(expression)
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(expression, found)
  if (found instanceof CompileError) throw found
  return found
}

function build(expression: string): DeviceSelector | CompileError {
  try {
    const checked = compile(expression, environment())
    const { kind } = checked.type
    if (kind !== 'bool' && kind !== 'any')
      throw new NotBoolean(`must evaluate to bool or the unknown type, not ${typeName(checked.type)}`)
    return {
      worstCost: worstCost(checked, (name) => (name === 'device' ? DEVICE_SHAPE : undefined)),
      matches: (device) => matches(checked, device),
    }
  } catch (error) {
    if (error instanceof CompileError) return error
    throw error
  }
}

/** The expression makes sense but gives no yes or no. */
export class NotBoolean extends Error {}

function matches(checked: Checked, device: DeviceInput): boolean {
  const value = deviceValue(device)
  const result = evaluate(checked, (name) => (name === 'device' ? value : undefined), MAX_SELECTOR_COST)
  if (typeof result.value !== 'boolean') {
    throw new EvaluationError(`CEL result of type any could not be converted to bool`)
  }
  return result.value
}

function deviceValue({
  driver,
  allowMultipleAllocations = false,
  attributes = {},
  capacity = {},
}: DeviceInput): CelValue {
  return new LiteralMap(
    [
      ['driver', driver],
      ['allowMultipleAllocations', allowMultipleAllocations],
      ['attributes', byDomain(driver, attributes, attributeValue)],
      ['capacity', byDomain(driver, capacity, ({ value }) => toQuantity(value))],
    ],
    DEVICE,
  )
}

/** A map of maps; a domain that there is not leads to an empty one. */
function byDomain<T>(driver: string, named: Readonly<Record<string, T>>, valueOf: (value: T) => CelValue): CelMap {
  const domains = new Map<string, [CelValue, CelValue][]>()
  for (const [name, value] of Object.entries(named)) {
    const slash = name.indexOf('/')
    const of = slash < 0 ? driver : name.slice(0, slash)
    domains.set(of, [...(domains.get(of) ?? []), [name.slice(slash + 1), valueOf(value)]])
  }
  const map = new LiteralMap([...domains].map(([of, entries]) => [of, new LiteralMap(entries)] as const))
  return {
    typeName: 'map',
    get size() {
      return map.size
    },
    keys: () => map.keys(),
    get: (key) => map.get(key) ?? EMPTY,
  }
}

const EMPTY = new LiteralMap([])

function attributeValue({ int, bool, string, version }: DeviceAttributeInput): CelValue {
  if (int !== undefined) return BigInt(int)
  if (bool !== undefined) return bool
  if (string !== undefined) return string
  const read = version === undefined ? undefined : readSemver(version)
  if (read === undefined) throw new EvaluationError('unsupported attribute value')
  return read
}
