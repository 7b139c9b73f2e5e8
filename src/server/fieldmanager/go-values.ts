/** JSON values as Go prints them, which faults in patches show (https://pkg.go.dev/fmt#hdr-Printing). */
import { goNumber } from '../../wire/patch/errors.ts'
import { toJson } from '../../wire/json/stringify.ts'
import { isObject, type ObjectValue } from './elements.ts'

const sorted = (value: ObjectValue) => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** `map[a:1 b:[x <nil>]]`. */
export function asGoPrints(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(asGoPrints).join(' ')}]`
  if (typeof value === 'number') return goNumber(value)
  if (!isObject(value)) return typeof value === 'string' ? value : toJson(value)
  return `map[${sorted(value)
    .map(([key, inner]) => `${key}:${asGoPrints(inner)}`)
    .join(' ')}]`
}

/** `map[string]interface {}{"a":1, "b":[]interface {}{"x", interface {}(nil)}}`. */
export function asGoSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(asGoSyntax).join(', ')}}`
  if (typeof value === 'number') return goNumber(value)
  if (!isObject(value)) return toJson(value)
  const members = sorted(value).map(([key, inner]) => `${JSON.stringify(key)}:${asGoSyntax(inner)}`)
  return `map[string]interface {}{${members.join(', ')}}`
}

/** `[]interface {}`. */
export function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'bigint' ? 'int64' : 'string'
}
