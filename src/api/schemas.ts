/**
 * The schemas of all built-in types, made on demand from the generated facts. A type that nobody asks for
 * costs nothing but its line of text.
 */
import type {
  CustomForm,
  FieldSchema,
  ProtoField,
  ScalarKind,
  SchemaLookup,
  Shape,
  StructSchema,
} from '../wire/schema.ts'
import { factLines, keyPrefixes } from './generated/facts.ts'

interface FieldMarkers {
  readonly goType?: string
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly structType?: 'atomic' | 'granular'
  readonly embeddedIn?: readonly number[]
  readonly embedded?: string
}

interface TypeMarkers {
  readonly structType?: 'atomic' | 'granular'
  readonly mapType?: 'atomic' | 'granular'
  readonly noProto?: true
  readonly root?: true
}

type FieldRow = [name: string, type: string, number: number, flags: number, markers?: FieldMarkers]
type TypeRow = [fields: FieldRow[], markers?: TypeMarkers]

const flag = { pointer: 1, omitEmpty: 2, required: 4, nullable: 8, repeated: 16, wrapped: 32 } as const

const scalars: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...(
    ['string', 'boolean', 'int64', 'bytes', 'Quantity', 'Time', 'MicroTime', 'Duration', 'IntOrString', 'any'] as const
  ).map((scalar): [string, Shape] => [scalar, { kind: 'scalar', scalar }]),
  ['integer', { kind: 'scalar', scalar: 'int32' }],
  ['number', { kind: 'scalar', scalar: 'double' }],
  ['runtime.RawExtension', { kind: 'scalar', scalar: 'any', custom: 'raw', atomic: true }],
  ['apiextensions/v1.JSON', custom('raw')],
  ['meta/v1.FieldsV1', custom('raw')],
  ['apiextensions/v1.JSONSchemaPropsOrArray', custom('schemaOrArray')],
  ['apiextensions/v1.JSONSchemaPropsOrBool', custom('schemaOrBoolean')],
  ['apiextensions/v1.JSONSchemaPropsOrStringArray', custom('schemaOrStrings')],
])

let lines: Map<string, string> | undefined
const built = new Map<string, StructSchema>()
const shapes = new Map<string, Shape>(scalars)

/** The schema of a built-in type by its key (`core/v1.PodSpec`). The same object each time. */
export const schemaOf: SchemaLookup = (key) => {
  const known = built.get(key)
  if (known !== undefined) return known
  const line = factsByKey().get(key)
  if (line === undefined) return undefined
  const schema = build(key, JSON.parse(line) as TypeRow)
  built.set(key, schema)
  return schema
}

/**
 * The key of a built-in kind: (`apps/v1`, `Deployment`) is `apps/v1.Deployment`. Kinds that every group shares
 * (`DeleteOptions`, `Status`, `Table`, ...) are found under any built-in apiVersion.
 */
export function typeKeyOf(apiVersion: string, kind: string): string | undefined {
  // The first version of metadata alone has the fields of the later one (in protobuf its list has other numbers).
  if (apiVersion === 'meta.k8s.io/v1beta1' && kind.startsWith('PartialObjectMetadata')) return `meta/v1.${kind}`
  const prefix = Object.hasOwn(keyPrefixes, apiVersion) ? keyPrefixes[apiVersion] : undefined
  if (prefix === undefined) return undefined
  const facts = factsByKey()
  const own = `${prefix}.${kind}`
  if (facts.get(own)?.endsWith(rootMarker)) return own
  const shared = `meta/v1.${kind}`
  return facts.get(shared)?.endsWith(rootMarker) ? shared : undefined
}

/** The keys of all built-in types. */
export function typeKeys(): string[] {
  return [...factsByKey().keys()]
}

/** `root` is the last marker of a type, so that a kind is told from a plain type without parsing. */
const rootMarker = '"root":true}]'

function factsByKey(): Map<string, string> {
  if (lines === undefined) {
    lines = new Map()
    for (const line of factLines.split('\n')) {
      const tab = line.indexOf('\t')
      lines.set(line.slice(0, tab), line.slice(tab + 1))
    }
  }
  return lines
}

function build(key: string, [rows, markers = {}]: TypeRow): StructSchema {
  const { noProto, root, ...rest } = markers
  const fields = new Map(rows.map((row): [string, FieldSchema] => [row[0], buildField(row)]))
  return { key, fields, ...rest, root: root === true, hasProto: noProto !== true }
}

function buildField([name, type, number, flags, markers]: FieldRow): FieldSchema {
  const shape = shapeOf(type)
  return {
    name,
    shape,
    ...(number === 0 ? {} : { proto: protoField(shape, number, flags) }),
    pointer: (flags & flag.pointer) !== 0,
    omitEmpty: (flags & flag.omitEmpty) !== 0,
    required: (flags & flag.required) !== 0,
    nullable: (flags & flag.nullable) !== 0,
    ...markers,
  }
}

function protoField(shape: Shape, number: number, flags: number): ProtoField {
  const base = { number, wire: wireOf(shape), repeated: (flags & flag.repeated) !== 0 }
  return (flags & flag.wrapped) === 0 ? base : { ...base, wrapped: true }
}

function wireOf(shape: Shape): ProtoField['wire'] {
  if (shape.kind === 'list') return wireOf(shape.of)
  if (shape.kind !== 'scalar') return 'bytes'
  const wires: Partial<Record<ScalarKind, ProtoField['wire']>> = {
    boolean: 'varint',
    int32: 'varint',
    int64: 'varint',
    double: 'fixed64',
  }
  return wires[shape.scalar] ?? 'bytes'
}

function shapeOf(type: string): Shape {
  const known = shapes.get(type)
  if (known !== undefined) return known
  let shape: Shape
  if (type.startsWith('[]')) shape = { kind: 'list', of: shapeOf(type.slice(2)) }
  else if (type.startsWith('map[string]')) shape = mapOf(type.slice('map[string]'.length))
  else shape = { kind: 'struct', type }
  shapes.set(type, shape)
  return shape
}

/** What devices have is named in domains. */
const BY_QUALIFIED_NAME: ReadonlySet<string> = new Set(['resource/v1.DeviceAttribute', 'resource/v1.DeviceCapacity'])

function mapOf(type: string): Shape {
  const of = shapeOf(type)
  return BY_QUALIFIED_NAME.has(type) ? { kind: 'map', of, keys: 'v1.QualifiedName' } : { kind: 'map', of }
}

function custom(form: CustomForm): Shape {
  return { kind: 'scalar', scalar: 'any', custom: form }
}
