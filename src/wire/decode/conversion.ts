/**
 * Values that are no JSON any more: applied configurations and what strategic patches make are converted to Go's types
 * one by one, by other rules and in other words than JSON is read
 * (https://pkg.go.dev/k8s.io/apimachinery/pkg/runtime#UnstructuredConverter).
 */

/** What Go's type of a field is at bottom, whatever it is called. */
export type GoKind = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'map' | 'slice' | 'struct'

const INTEGERS: ReadonlySet<string> = new Set(['int32', 'int64'])

/** Why `value` cannot become a `goType`. */
export function conversionFault(value: unknown, goType: string, kind: GoKind): string {
  const given = kindOf(value)
  if (kind === 'map' || kind === 'slice') return `cannot restore ${kind} from ${given}`
  if (kind === 'struct') return `cannot restore struct from: ${given}`
  const isNumber = given === 'float64' ? INTEGERS.has(kind) : given === 'int64' && kind === 'string'
  return isNumber ? `cannot convert ${given} to ${goType}` : `unrecognized type: ${kind}`
}

const INT64_MIN = -(2n ** 63n)

/** A whole number in so many bits: what is beyond them is cut off, and what no 64 bits hold is the least of all. */
export function inBits(value: number | bigint, bits: 32 | 64): number | bigint {
  const whole = BigInt(value)
  const held = BigInt.asIntN(64, whole) === whole ? whole : INT64_MIN
  const cut = BigInt.asIntN(bits, held)
  const plain = Number(cut)
  return Number.isSafeInteger(plain) ? plain : cut
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'object') return 'map'
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'int64' : 'float64'
  return OTHER_KINDS[typeof value] ?? 'string'
}

const OTHER_KINDS: Readonly<Record<string, string>> = { boolean: 'bool', bigint: 'int64' }
