/**
 * What a patch whose result is no object of its kind is refused with: the patch is at fault, not the request
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
 */

import type { PatchType } from '../../client/transport.ts'
import { ApiError } from '../../meta/errors.ts'
import { toJson } from '../../wire/json/stringify.ts'

/** `result` is what the patch made. Kubernetes shows that, or of a strategic patch the patch, as Go prints it. */
export function undecodablePatch(
  { type, body }: { readonly type: PatchType; readonly body: unknown },
  result: unknown,
  why: string,
  cause?: unknown,
): ApiError {
  const isStrategic = type === 'strategic'
  const shown = JSON.stringify(isStrategic ? asGoPrints(body) : toJson(result))
  const message = `Invalid value: ${shown}: ${isStrategic ? conversionFault(why) : why}`
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }]
  const told = ` "" is invalid: patch: ${message}`
  return new ApiError({ message: told, reason: 'Invalid', details: { causes }, code: 422 }, { cause })
}

/** `map[data:map[a:1]]`. */
function asGoPrints(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(asGoPrints).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, inner]) => `${key}:${asGoPrints(inner)}`).join(' ')}]`
}

const MISMATCH = /^json: cannot unmarshal (\w+)\b.* of type (\S+)$/
const GO_KINDS: Readonly<Record<string, string>> = { number: 'int64', array: 'slice', object: 'map' }
const INTEGERS: ReadonlySet<string> = new Set(['int32', 'int64'])
const SCALARS: ReadonlySet<string> = new Set([...INTEGERS, 'string', 'bool'])

/** A strategic patch is no JSON any more when it is converted: what does not fit is told by its Go types. */
function conversionFault(why: string): string {
  const [, given = '', wanted] = MISMATCH.exec(why) ?? []
  if (wanted === undefined) return why
  const kind = GO_KINDS[given] ?? given
  if (wanted.startsWith('map[')) return `cannot restore map from ${kind}`
  if (wanted.startsWith('[]')) return `cannot restore slice from ${kind}`
  if (given === 'number') return `cannot convert ${INTEGERS.has(wanted) ? 'float64' : kind} to ${wanted}`
  return SCALARS.has(wanted) ? `unrecognized type: ${wanted}` : `cannot restore struct from: ${kind}`
}
