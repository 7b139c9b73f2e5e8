/** What the expressions of mutations make, as JSON: configurations to apply, and JSON patches (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#patch-type-json-patch). */

import { formatDuration, formatTimestamp } from '../../../meta/cel/times.ts'
import {
  type CelMap,
  type CelValue,
  Duration,
  isList,
  isMap,
  Optional,
  Timestamp,
  typeNameOf,
  Uint,
} from '../../../meta/cel/values.ts'

const MAX_DEPTH = 500

/** What an expression made cannot be used. */
export class PatchFault extends Error {}

/** A configuration to apply: an `Object`. Throws `PatchFault`. */
export function toConfiguration(value: CelValue): unknown {
  checkNames(value)
  return toJson(value)
}

/** A JSON patch: a list of `JSONPatch`. Throws `PatchFault`. */
export function toJsonPatch(value: CelValue): readonly object[] {
  if (!isList(value)) throw new PatchFault('type mismatch: JSONPatchType.expression should evaluate to array')
  return value.map((operation) => {
    if (!isMap(operation))
      throw new PatchFault('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch')
    const [op, path, from, given] = ['op', 'path', 'from', 'value'].map((name) => operation.get(name))
    if (given !== undefined && isMap(given) && given.typeName !== 'map') checkNames(given)
    return {
      op: op ?? '',
      path: path ?? '',
      ...(from === undefined || from === '' ? {} : { from }),
      ...(given === undefined ? {} : { value: toJson(given) }),
    }
  })
}

/** Objects are named by the fields that they stand in: `Object.spec` is what `spec` holds. */
function checkNames(value: CelValue): void {
  const faults = isMap(value) ? nameFaults(value, value.typeName, 0) : []
  if (faults.length > 0) throw new PatchFault(`type mismatch: ${faults.join('\n')}`)
}

function nameFaults(value: CelValue, path: string, depth: number): string[] {
  if (depth > MAX_DEPTH) throw new PatchFault('the object is nested too deeply')
  if (isList(value)) return value.flatMap((item) => nameFaults(item, path, depth + 1))
  if (!isMap(value)) return []
  const { typeName } = value
  if (typeName === 'map') return [...value.keys()].flatMap((key) => nameFaults(value.get(key) ?? null, path, depth + 1))
  const own =
    typeName === path
      ? []
      : [
          `unexpected type name ${JSON.stringify(typeName)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`,
        ]
  const inner = [...value.keys()].flatMap((key) =>
    nameFaults(value.get(key) ?? null, `${path}.${typeof key === 'string' ? key : ''}`, depth + 1),
  )
  return [...own, ...inner]
}

function toJson(value: CelValue, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new PatchFault('the object is nested too deeply')
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  if (typeof value === 'bigint') return numberOf(value)
  if (value instanceof Uint) return numberOf(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatDuration(value)
  if (isList(value)) return value.map((item) => toJson(item, depth + 1))
  if (isMap(value)) return toObject(value, depth)
  const what = value instanceof Optional ? 'optional_type' : typeNameOf(value)
  throw new PatchFault(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${what}`)
}

const numberOf = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

function toObject(value: CelMap, depth: number): object {
  const entries = [...value.keys()].map((key) => {
    if (typeof key !== 'string') throw new PatchFault(`map key of type ${typeNameOf(key)} is not a string`)
    return [key, toJson(value.get(key) ?? null, depth + 1)] as const
  })
  return Object.fromEntries(entries)
}
