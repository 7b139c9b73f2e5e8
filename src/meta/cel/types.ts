/** The types of expressions (https://github.com/google/cel-spec/blob/master/doc/langdef.md#gradual-type-checking). */

export type TypeKind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'object'
  | 'opaque'
  | 'param'
  | 'string'
  | 'timestamp'
  | 'type'
  | 'uint'

export interface CelType {
  readonly kind: TypeKind
  /** As CEL calls the type where a value of it is asked for its type. */
  readonly name: string
  readonly parameters: readonly CelType[]
}

const simple = (kind: TypeKind, name: string = kind): CelType => ({ kind, name, parameters: [] })

export const BOOL = simple('bool')
export const INT = simple('int')
export const UINT = simple('uint')
export const DOUBLE = simple('double')
export const STRING = simple('string')
export const BYTES = simple('bytes')
export const NULL = simple('null', 'null_type')
export const DYN = simple('dyn')
export const ANY = simple('any', 'google.protobuf.Any')
export const ERROR = simple('error', '!error!')
export const TIMESTAMP = simple('timestamp', 'google.protobuf.Timestamp')
export const DURATION = simple('duration', 'google.protobuf.Duration')
export const TYPE = simple('type')

export const listOf = (item: CelType): CelType => ({ kind: 'list', name: 'list', parameters: [item] })
export const mapOf = (key: CelType, value: CelType): CelType => ({
  kind: 'map',
  name: 'map',
  parameters: [key, value],
})
export const optionalOf = (value: CelType): CelType => opaqueType('optional_type', value)
/** The type of a type's name. */
export const typeOf = (type: CelType): CelType => ({ kind: 'type', name: 'type', parameters: [type] })
/** A type with fields, which the environment tells. */
export const objectType = (name: string): CelType => simple('object', name)
const typeParameter = (name: string): CelType => simple('param', name)

/** A type that only functions know what to do with. */
export function opaqueType(name: string, ...parameters: readonly CelType[]): CelType {
  return { kind: 'opaque', name, parameters }
}

/** The value's type inside an optional; the type itself otherwise. */
export function unwrapOptional(type: CelType): { readonly type: CelType; readonly isOptional: boolean } {
  const isOptional = type.kind === 'opaque' && type.name === 'optional_type'
  return { type: isOptional ? item(type) : type, isOptional }
}

/** The first parameter: what a list holds, what a map's keys are. */
export const item = (type: CelType): CelType => type.parameters[0] ?? DYN
export const mapValue = (type: CelType): CelType => type.parameters[1] ?? DYN
export const isDynamic = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'any' || kind === 'error'

/** Whether two types are the very same. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.name !== b.name || a.parameters.length !== b.parameters.length) return false
  return a.parameters.every((parameter, at) => sameType(parameter, b.parameters[at] as CelType))
}

const SHOWN: Readonly<Partial<Record<TypeKind, string>>> = {
  any: 'any',
  duration: 'duration',
  null: 'null',
  timestamp: 'timestamp',
}

/** A type as faults of expressions call it. */
export function showType(type: CelType): string {
  const short = SHOWN[type.kind]
  return short ?? withParameters(type, showType)
}

/** A type by its full name. */
export function typeName(type: CelType): string {
  return withParameters(type, typeName)
}

function withParameters({ name, parameters }: CelType, show: (type: CelType) => string): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(show).join(', ')})`
}

const NAMED: ReadonlyMap<string, CelType> = new Map(
  [BOOL, INT, UINT, DOUBLE, STRING, BYTES, DYN, TYPE].map((type) => [type.name, type]),
)
const MORE_NAMED: ReadonlyMap<string, CelType> = new Map([
  ['null', NULL],
  ['any', ANY],
  ['timestamp', TIMESTAMP],
  ['duration', DURATION],
])
const OBJECTS: ReadonlySet<string> = new Set(['net.IP', 'net.CIDR'])

/**
 * A type as it is written in declarations: `list(string)`, `map(K, V)`, `kubernetes.Quantity`. One capital letter is
 * a type parameter; a name with dots is a type of its own.
 */
export function readType(text: string): CelType {
  const open = text.indexOf('(')
  if (open >= 0) {
    const [first = DYN, second = DYN] = splitTypes(text.slice(open + 1, -1)).map(readType)
    const name = text.slice(0, open)
    if (name === 'list') return listOf(first)
    return name === 'map' ? mapOf(first, second) : name === 'type' ? typeOf(first) : opaqueType(name, first)
  }
  if (text.length === 1) return typeParameter(text)
  const known = NAMED.get(text) ?? MORE_NAMED.get(text)
  if (known !== undefined) return known
  return OBJECTS.has(text) ? opaqueType(text) : objectType(text)
}

/** The types that expressions may name: `type(x) == int`. */
export const TYPE_NAMES: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'int',
  'list',
  'map',
  'null_type',
  'optional_type',
  'string',
  'timestamp',
  'type',
  'uint',
])

/** The types of a list with commas, as `readType` reads them. */
export function splitTypes(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    const char = text[at]
    if (char === '(') depth++
    else if (char === ')') depth--
    else if ((char === ',' && depth === 0) || char === undefined) {
      parts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return parts.filter((part) => part !== '')
}
