/** What calls cost when they are evaluated (https://kubernetes.io/docs/reference/using-api/cel/#runtime-cost-budget). */

import type { Overload } from '../environment.ts'
import { type CelValue, isList, isMap, sizeOf } from '../values.ts'

/** A tenth of a step for each character that is looked at. */
export const PER_CHARACTER = 0.1
/** A pattern is taken to have a step every four characters. */
export const PER_PATTERN_CHARACTER = 0.25
const AUTHORIZATION = 350_000
/** The longest pattern among the named formats. */
export const FORMAT_PATTERN = 128

const scan = (value: CelValue | undefined, times = 1): number =>
  Math.ceil(sizeOf(value ?? null) * times * PER_CHARACTER)

type Cost = (values: readonly CelValue[], result: CelValue, overload: Overload) => number

const scanFirst: Cost = ([first]) => scan(first)
const scanTwice: Cost = ([first]) => scan(first, 2)
const scanSecond: Cost = ([, second]) => scan(second)
const traverseFirst: Cost = ([first]) => traversal(first ?? null)
const pattern: Cost = ([text, shape]) =>
  Math.ceil((1 + sizeOf(text ?? null)) * PER_CHARACTER) * Math.ceil(sizeOf(shape ?? null) * PER_PATTERN_CHARACTER)
const smaller: Cost = ([a, b]) => Math.max(1, Math.ceil(Math.min(sizeOf(a ?? null), sizeOf(b ?? null)) * PER_CHARACTER))

const containsIp: Cost = ([range, other], _result, { parameters }) =>
  scan(range, 2) + (parameters[1]?.kind === 'string' ? scan(other) : 0)

/** Costs that are more than a step, by function. */
const COSTS: Readonly<Record<string, Cost>> = {
  check: () => AUTHORIZATION,
  fieldSelector: ([, selector]) => selectorCost(sizeOf(selector ?? null)),
  labelSelector: ([, selector]) => selectorCost(sizeOf(selector ?? null)),
  isSorted: traverseFirst,
  sum: traverseFirst,
  max: traverseFirst,
  min: traverseFirst,
  indexOf: traverseFirst,
  lastIndexOf: traverseFirst,
  url: scanFirst,
  lowerAscii: scanFirst,
  upperAscii: scanFirst,
  substring: scanFirst,
  trim: scanFirst,
  'jsonpatch.escapeKey': scanFirst,
  replace: scanTwice,
  split: scanTwice,
  join: (_values, result) => scan(result, 2),
  find: pattern,
  findAll: pattern,
  matches: pattern,
  cidr: scanFirst,
  isIP: scanFirst,
  isCIDR: scanFirst,
  ip: (values, _result, { isMethod }) => (isMethod ? 1 : scan(values[0])),
  'ip.isCanonical': scanTwice,
  containsIP: containsIp,
  containsCIDR: (values, result, overload) => containsIp(values, result, overload) + scan(values[0]) + 1,
  quantity: scanFirst,
  isQuantity: scanFirst,
  semver: scanFirst,
  isSemver: scanFirst,
  validate: ([, text]) =>
    Math.ceil((1 + sizeOf(text ?? null)) * PER_CHARACTER) * Math.ceil(FORMAT_PATTERN * PER_PATTERN_CHARACTER),
  startsWith: scanSecond,
  endsWith: scanSecond,
  format: scanFirst,
  bytes: scanFirst,
  'strings.quote': scanFirst,
  contains: ([text, part]) => scan(text) * scan(part),
  '@in': ([, holder]) => (isList(holder ?? null) ? sizeOf(holder ?? null) : 1),
  '_==_': smaller,
  '_!=_': smaller,
  '_<_': smaller,
  '_<=_': smaller,
  '_>_': smaller,
  '_>=_': smaller,
  '_+_': (values, result) => (isList(result) ? 1 : Math.max(1, scan(values[0]) + scan(values[1]))),
}

/** What a call cost, its arguments aside. */
export function actualCallCost(overload: Overload, values: readonly CelValue[], result: CelValue): number {
  const cost = Object.hasOwn(COSTS, overload.name) ? COSTS[overload.name] : undefined
  return cost === undefined ? 1 : cost(values, result, overload)
}

/** Reading a selector: its text, and a requirement for every two characters. */
export function selectorCost(length: number): number {
  return 10 + Math.ceil(length * PER_CHARACTER) + Math.ceil(Math.ceil(length * 0.5) * 50)
}

/** Looking at everything that a value holds. */
function traversal(value: CelValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(value.length * PER_CHARACTER)
  if (isList(value)) return value.reduce<number>((sum, each) => sum + traversal(each), 0)
  if (!isMap(value)) return 1
  let sum = 0
  for (const key of value.keys()) sum += traversal(key) + traversal(value.get(key) ?? null)
  return sum
}
