/**
 * Quantities, exactly: `500m`, `1Gi`, `1e3`
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
 * A value is a whole number of billionths; what is finer is rounded away from zero, what is too big for an int64 is capped
 * where it is written with powers of two.
 */

/** How a quantity was written, and so how results are written. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** An amount in billionths of the unit. */
export interface QuantityValue {
  readonly nano: bigint
  readonly format: QuantityFormat
}

type Operand = string | QuantityValue

const NANO = 1_000_000_000n
const MAX_BINARY = (2n ** 63n - 1n) * NANO
const SHAPE = /^([+-]?)(\d*)(\.\d*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/
/** What Kubernetes's own pattern lets through to the finer checks. */
const LOOSE_SHAPE = /^[+-]?\d*(\.\d*)?[eEinumkKMGTP]*[-+]?\d*$/
const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]
const BINARY: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const EXPONENT_OF = new Map(DECIMAL)
const zero: QuantityValue = { nano: 0n, format: 'DecimalSI' }

/** What was read of late: the same few amounts stand in every Pod of a cluster. */
const known = new Map<string, QuantityValue>()
const MAX_KNOWN = 2_000
const MAX_KNOWN_LENGTH = 24

/** The amount a text means; `undefined` where the text is no quantity. */
export function parseQuantity(text: string): QuantityValue | undefined {
  const before = known.get(text)
  if (before !== undefined) return before
  const value = readQuantity(text)
  if (text.length <= MAX_KNOWN_LENGTH && value !== undefined) {
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(text, value)
  }
  return value
}

function readQuantity(text: string): QuantityValue | undefined {
  const plain = parsePlain(text)
  if (plain !== undefined) return plain
  // Without a digit it is nothing at all; without anything it is no amount.
  const match = text === '' ? null : SHAPE.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', suffix = ''] = match
  const magnitude = cappedMagnitude(whole, fraction.slice(1), suffix)
  return { nano: sign === '-' ? -magnitude : magnitude, format: formatOf(suffix) }
}

/** Whole numbers of few digits, the usual case, without a pattern. */
function parsePlain(text: string): QuantityValue | undefined {
  if (text.length === 0 || text.length > 15) return undefined
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return undefined
  }
  return { nano: BigInt(text) * NANO, format: 'DecimalSI' }
}

function formatOf(suffix: string): QuantityFormat {
  if (suffix.endsWith('i')) return 'BinarySI'
  return suffix.length > 1 ? 'DecimalExponent' : 'DecimalSI'
}

/** Nobody needs more digits than these; beyond them an amount is capped or rounded. Bounds the work for long texts. */
const WHOLE_DIGITS = 60
const FRACTION_DIGITS = 80
const MAX = 10n ** BigInt(WHOLE_DIGITS) * NANO

function cappedMagnitude(whole: string, fraction: string, suffix: string): bigint {
  const significant = trimZeros(whole)
  const isBinary = suffix.endsWith('i')
  const power = isBinary ? 0 : decimalExponent(suffix)
  const max = isBinary ? MAX_BINARY : MAX
  const isZero = significant === '' && /^0*$/.test(fraction)
  if (isZero) return 0n
  if (significant !== '' && significant.length + power > WHOLE_DIGITS) return max
  if (power < -FRACTION_DIGITS) return 1n
  if (power > WHOLE_DIGITS + fraction.length) return max
  const kept = fraction.slice(0, FRACTION_DIGITS + Math.max(0, power))
  const inexact = kept.length < fraction.length && /[1-9]/.test(fraction.slice(kept.length))
  // amount = digits × 10^(power − kept.length), in billionths nine powers more
  let digits = BigInt(`${significant}${kept}` || '0')
  if (isBinary) digits *= 1024n ** BigInt(BINARY.indexOf(suffix))
  const shift = power - kept.length + 9
  const nano = shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift))
  const rounded = inexact && nano === 0n ? 1n : nano
  return rounded > max ? max : rounded
}

function decimalExponent(suffix: string): number {
  if (suffix.length <= 1) return EXPONENT_OF.get(suffix) ?? 0
  // Far beyond any amount; keeps a thousand-digit exponent from becoming Infinity.
  return Math.max(-1000, Math.min(1000, Number(suffix.slice(1))))
}

function trimZeros(digits: string): string {
  let at = 0
  while (at < digits.length && digits.charCodeAt(at) === 48) at++
  return at === 0 ? digits : digits.slice(at)
}

/** Division that rounds away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by
  if (quotient * by === value) return quotient
  return value < 0n ? quotient - 1n : quotient + 1n
}

/** Why a text is no quantity, in Kubernetes's words; `undefined` where it is one. */
export function quantityFault(text: string): string | undefined {
  if (parseQuantity(text) !== undefined) return undefined
  if (text !== '' && LOOSE_SHAPE.test(text)) {
    return "unable to parse quantity's suffix"
  }
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
}

/** The texts of amounts read of late. */
const texts = new WeakMap<QuantityValue, string>()

/** The text Kubernetes stores for an amount: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`. */
export function canonicalQuantity(text: string): string | undefined {
  const value = parseQuantity(text)
  if (value === undefined) return undefined
  let canonical = texts.get(value)
  if (canonical === undefined) texts.set(value, (canonical = formatQuantity(value)))
  return canonical
}

/** Writes an amount, in the format it was read in unless another is asked for. */
export function formatQuantity(value: QuantityValue, format: QuantityFormat = value.format): string {
  const { nano } = value
  if (nano === 0n) return '0'
  const fitsBinary = format === 'BinarySI' && nano % NANO === 0n && magnitude(nano) >= 1024n * NANO
  if (fitsBinary) return formatBinary(nano / NANO)
  return formatDecimal(nano, format === 'DecimalExponent')
}

function formatBinary(units: bigint): string {
  let rest = units
  let power = 0
  while (power < BINARY.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n
    power++
  }
  return `${rest}${BINARY[power]}`
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  let rest = nano
  let exponent = -9
  const last = asExponent ? Infinity : 18
  while (exponent < last && rest % 1000n === 0n) {
    rest /= 1000n
    exponent += 3
  }
  if (asExponent) return exponent === 0 ? `${rest}` : `${rest}e${exponent}`
  return `${rest}${DECIMAL[(exponent + 9) / 3]?.[0]}`
}

const magnitude = (nano: bigint) => (nano < 0n ? -nano : nano)

/** The operand's amount. A text that is no quantity counts as nothing: validation has refused it long before. */
function amount(operand: Operand): QuantityValue {
  return typeof operand === 'string' ? (parseQuantity(operand) ?? zero) : operand
}

/** The sum, in the format of the first operand unless that is zero. */
export function addQuantity(a: Operand, b: Operand): QuantityValue {
  const left = amount(a)
  const right = amount(b)
  return { nano: left.nano + right.nano, format: left.nano === 0n ? right.format : left.format }
}

/** The difference, in the format of the first operand unless that is zero. */
export function subQuantity(a: Operand, b: Operand): QuantityValue {
  const right = amount(b)
  return addQuantity(a, { nano: -right.nano, format: right.format })
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function cmpQuantity(a: Operand, b: Operand): number {
  if (a === b) return 0
  const left = amount(a).nano
  const right = amount(b).nano
  return left < right ? -1 : left > right ? 1 : 0
}

/** Whole units, rounded up as Go's `Value()` does. Exact up to 2^53. */
export function quantityValue(operand: Operand): number {
  return scaled(operand, 0)
}

/** Thousandths, rounded up as Go's `MilliValue()` does. */
export function milliValue(operand: Operand): number {
  return scaled(operand, 3)
}

const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
])

/** The scheduler asks for these numbers all day; plain texts need no big integers. */
function scaled(operand: Operand, digits: 0 | 3): number {
  if (typeof operand === 'string') {
    const fast = fastScaled(operand, digits)
    if (fast !== undefined) return fast
  }
  const { nano } = amount(operand)
  return Number(divideUp(nano, digits === 0 ? NANO : 1_000_000n))
}

function fastScaled(text: string, digits: 0 | 3): number | undefined {
  let at = 0
  let whole = 0
  for (; at < text.length && at < 15; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) break
    whole = whole * 10 + (code - 48)
  }
  if (at === 0 || text.length - at > 2) return undefined
  const suffix = text.slice(at)
  if (suffix === 'm') return digits === 3 ? whole : Math.ceil(whole / 1000)
  const multiplier = MULTIPLIERS.get(suffix)
  if (multiplier === undefined) return undefined
  const result = whole * multiplier * (digits === 3 ? 1000 : 1)
  return Number.isSafeInteger(result) ? result : undefined
}

/** Whether the amount is zero. */
export function isZeroQuantity(operand: Operand): boolean {
  return amount(operand).nano === 0n
}

/** Sums two maps of amounts, resource by resource, as texts. */
export function addResources(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return mergeResources(a, b, (left, right) => formatQuantity(addQuantity(left, right)))
}

/** The larger of two maps of amounts, resource by resource, as texts. */
export function maxResources(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return mergeResources(a, b, (left, right) => (cmpQuantity(left, right) >= 0 ? left : right))
}

function mergeResources(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>> | undefined,
  merge: (left: string, right: string) => string,
): Record<string, string> {
  const result = new Map(Object.entries(a ?? {}))
  for (const [name, right] of Object.entries(b ?? {})) {
    const left = result.get(name)
    result.set(name, left === undefined ? right : merge(left, right))
  }
  return Object.fromEntries(result)
}
