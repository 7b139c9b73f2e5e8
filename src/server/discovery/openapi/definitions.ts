/**
 * API types as OpenAPI schemas, with the `x-kubernetes-` extensions that kubectl and appliers go by
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition).
 */
import { descriptionLines } from '../../../api/generated/descriptions.ts'
import { schemaOf } from '../../../api/schemas.ts'
import type { FieldSchema, ScalarKind, Shape, StructSchema } from '../../../wire/schema.ts'
import { type GroupVersion, kindsOf } from './kinds.ts'
import { definitionName } from './names.ts'

/** A JSON schema as OpenAPI has them. */
export type OpenApiSchema = { [keyword: string]: unknown }

/** The two versions write a reference with a description beside it differently. */
export type OpenApiVersion = 2 | 3

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
const extensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'

/** Types whose JSON is a single value, by name. */
const valueTypes: Readonly<Record<string, OpenApiSchema>> = {
  [`${meta}.Time`]: { type: 'string', format: 'date-time', description: 'A time in RFC 3339, in UTC, to the second.' },
  [`${meta}.MicroTime`]: { type: 'string', format: 'date-time', description: 'A time in RFC 3339 to the microsecond.' },
  [`${meta}.Duration`]: { type: 'string', description: 'A length of time such as 1h30m or 5s.' },
  [`${meta}.FieldsV1`]: { type: 'object', description: 'A set of fields, as a tree of their names.' },
  [quantity]: {
    type: 'string',
    description:
      'An amount: a decimal number and an optional unit, decimal (m, k, M, G, T, P, E) or binary (Ki, Mi, Gi, Ti, Pi, Ei), ' +
      'such as 500m, 1.5 or 2Gi. Amounts are kept exactly, to the thousandth of a thousandth of a thousandth.',
  },
  [intOrString]: {
    type: 'string',
    format: 'int-or-string',
    description: 'A whole number, or a text such as a port name or 25%.',
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object', description: 'An object of any kind.' },
  [`${extensions}.JSON`]: { description: 'Any JSON value.' },
  [`${extensions}.JSONSchemaPropsOrArray`]: { description: 'A JSON schema, or a list of them.' },
  [`${extensions}.JSONSchemaPropsOrBool`]: { description: 'A JSON schema, or true or false.' },
  [`${extensions}.JSONSchemaPropsOrStringArray`]: { description: 'A JSON schema, or a list of texts.' },
}

/** In version 3 a value may be of two types. */
const eitherTypes: Readonly<Record<string, OpenApiSchema>> = {
  [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [intOrString]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
}

const plainScalars: Partial<Record<ScalarKind, OpenApiSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}
const namedScalars: Partial<Record<ScalarKind, string>> = {
  Time: `${meta}.Time`,
  MicroTime: `${meta}.MicroTime`,
  Duration: `${meta}.Duration`,
  Quantity: quantity,
  IntOrString: intOrString,
}
const customTypes = {
  schemaOrArray: `${extensions}.JSONSchemaPropsOrArray`,
  schemaOrBoolean: `${extensions}.JSONSchemaPropsOrBool`,
  schemaOrStrings: `${extensions}.JSONSchemaPropsOrStringArray`,
} as const

/** Fields of which the facts say only that any object fits, and Kubernetes has a name for what it is. */
const rawNames: ReadonlyMap<string, string> = new Map([
  ['fieldsV1', `${meta}.FieldsV1`],
  ['default', `${extensions}.JSON`],
  ['example', `${extensions}.JSON`],
  ['enum', `${extensions}.JSON`],
])

const zeros: Partial<Record<ScalarKind, unknown>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 }

/** Types of which one field at a time counts, by what another says, and the names that the fields have there. */
const unions: Readonly<Record<string, OpenApiSchema>> = {
  'core/v1.AppArmorProfile': union('type', ['localhostProfile']),
  'core/v1.PodSchedulingGroup': union(undefined, ['podGroupName']),
  'core/v1.SeccompProfile': union('type', ['localhostProfile']),
  'flowcontrol/v1.LimitResponse': union('type', ['queuing']),
  'flowcontrol/v1.PriorityLevelConfigurationSpec': union('type', ['exempt', 'limited']),
  'flowcontrol/v1.Subject': union('kind', ['group', 'serviceAccount', 'user']),
}

function union(discriminator: string | undefined, fields: readonly string[]): OpenApiSchema {
  const names = fields.map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)])
  return {
    ...(discriminator === undefined ? {} : { discriminator }),
    'fields-to-discriminateBy': Object.fromEntries(names),
  }
}

/** Maps and structs of which Kubernetes says that they merge key by key. */
const granular: ReadonlySet<string> = new Set([
  'core/v1.PersistentVolumeClaimStatus.allocatedResourceStatuses',
  'core/v1.PersistentVolumeSpec.claimRef',
])

/** Types of which Kubernetes leaves some fields without a word. */
const undescribed: ReadonlySet<string> = new Set([
  'apiextensions/v1.JSONSchemaProps',
  'certificates/v1.CertificateSigningRequest',
  'certificates/v1.CertificateSigningRequestList',
  'networking/v1.IngressRule',
])

let descriptions: Map<string, string> | undefined

/** Collects the definitions that a document needs, each with all that it refers to. */
export class Definitions {
  readonly #version: OpenApiVersion
  readonly #of: GroupVersion | undefined
  readonly #byName = new Map<string, OpenApiSchema>()

  /** `of`: the document is of one group and version alone. */
  constructor(version: OpenApiVersion, of?: GroupVersion) {
    this.#version = version
    this.#of = of
  }

  /** All that was added, by name. */
  all(): Record<string, OpenApiSchema> {
    return Object.fromEntries([...this.#byName].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A reference to a built-in type, which is added with everything below it. */
  reference(typeKey: string): OpenApiSchema {
    const name = definitionName(typeKey)
    if (!this.#byName.has(name)) {
      const schema = schemaOf(typeKey)
      if (schema === undefined) throw new Error(`no type is known of ${typeKey}`)
      this.#byName.set(name, {}) // types may contain themselves
      this.#byName.set(name, this.#struct(typeKey, schema))
    }
    return this.referenceTo(name)
  }

  /** Adds a definition that is not of a built-in type. */
  add(name: string, schema: OpenApiSchema): OpenApiSchema {
    this.#byName.set(name, schema)
    return this.referenceTo(name)
  }

  referenceTo(name: string): OpenApiSchema {
    return { $ref: `${this.#version === 2 ? '#/definitions/' : '#/components/schemas/'}${name}` }
  }

  /** A reference with more to say of it. Version 3 ignores what stands beside a `$ref`. */
  describedReference(reference: OpenApiSchema, extra: OpenApiSchema): OpenApiSchema {
    if (this.#version === 2) return { ...reference, ...extra }
    return Object.keys(extra).length === 0 ? reference : { ...extra, allOf: [reference] }
  }

  #struct(typeKey: string, schema: StructSchema): OpenApiSchema {
    const texts = textsOf(typeKey)
    const typeMeta = schema.root ? textsOf('runtime.TypeMeta') : {}
    const properties: Record<string, OpenApiSchema> = {}
    const required: string[] = []
    for (const field of schema.fields.values()) {
      const ofType = undescribed.has(typeKey) ? undefined : textOfType(field.shape)
      properties[field.name] = this.#field(field, texts[field.name] ?? typeMeta[field.name] ?? ofType)
      if (granular.has(`${typeKey}.${field.name}`)) properties[field.name]!['x-kubernetes-map-type'] = 'granular'
      if (field.required) required.push(field.name)
    }
    const kinds = schema.root ? kindsOf(typeKey, this.#of) : []
    return {
      ...(texts[''] === undefined ? {} : { description: texts[''] }),
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      ...(schema.fields.size === 0 ? {} : { properties: sorted(properties) }),
      ...(kinds.length === 0 ? {} : { 'x-kubernetes-group-version-kind': kinds }),
      ...(schema.structType === 'atomic' || schema.mapType === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(unions[typeKey] === undefined ? {} : { 'x-kubernetes-unions': [unions[typeKey]] }),
    }
  }

  #field(field: FieldSchema, description: string | undefined): OpenApiSchema {
    const extra: OpenApiSchema = {
      ...(description === undefined ? {} : { description }),
      ...(field.default === undefined || this.#version === 2 ? {} : { default: field.default }),
      ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
      ...(field.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
      ...(field.mapType === 'atomic' || field.structType === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') }),
      ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    }
    const zero = this.#zero(field)
    if (zero !== undefined) extra['default'] ??= zero
    const shape = this.#rawShape(field) ?? this.#shape(field.shape, field.enum)
    return '$ref' in shape ? this.describedReference(shape, extra) : { ...extra, ...shape }
  }

  #rawShape({ name, shape }: FieldSchema): OpenApiSchema | undefined {
    const inner = shape.kind === 'list' ? shape.of : shape
    const known = rawNames.get(name)
    if (known === undefined || inner.kind !== 'scalar' || inner.custom !== 'raw') return undefined
    const value = this.#value(known)
    return shape.kind === 'list' ? { type: 'array', items: value } : value
  }

  #shape(shape: Shape, values?: readonly string[]): OpenApiSchema {
    switch (shape.kind) {
      case 'struct':
        return this.reference(shape.type)
      case 'list':
        return { type: 'array', items: this.#inner(shape.of, values) }
      case 'map':
        return { type: 'object', additionalProperties: this.#inner(shape.of, values) }
      case 'scalar':
        return this.#scalar(shape, values)
    }
  }

  /** What stands in a list or a map: Go has a zero for it, which version 3 tells. */
  #inner(shape: Shape, values: readonly string[] | undefined): OpenApiSchema {
    const schema = this.#shape(shape, values)
    if (this.#version === 2) return schema
    if (shape.kind === 'struct') return { default: {}, allOf: [schema] }
    const zero = shape.kind === 'scalar' ? zeros[shape.scalar] : undefined
    return zero === undefined ? schema : { ...schema, default: zero }
  }

  /** What a field is when it is not given, if it is always written. Only version 3 tells. */
  #zero({ shape, pointer, omitEmpty }: FieldSchema): unknown {
    if (this.#version === 2 || pointer) return undefined
    if (shape.kind === 'struct') return {}
    return shape.kind === 'scalar' && !omitEmpty ? zeros[shape.scalar] : undefined
  }

  #scalar({ scalar, custom }: Shape & { kind: 'scalar' }, values: readonly string[] | undefined): OpenApiSchema {
    if (custom !== undefined && custom !== 'raw') return this.#value(customTypes[custom])
    const named = namedScalars[scalar]
    if (named !== undefined) return this.#value(named)
    const plain = plainScalars[scalar]
    // Objects of any kind: arbitrary to every client, in either version.
    if (plain === undefined) return this.#value('io.k8s.apimachinery.pkg.runtime.RawExtension')
    return values === undefined || scalar !== 'string' ? { ...plain } : { ...plain, enum: values.toSorted() }
  }

  #value(name: string): OpenApiSchema {
    const either = this.#version === 3 ? eitherTypes[name] : undefined
    const { description } = valueTypes[name]!
    return this.add(name, either === undefined ? valueTypes[name]! : { description, ...either })
  }
}

/** In short what a field's type says of itself, for fields of which nothing more is told. */
function textOfType(shape: Shape): string | undefined {
  const text = shape.kind === 'struct' ? textsOf(shape.type)[''] : undefined
  return text?.replace(/\.\s[^]*$/, '.')
}

function textsOf(typeKey: string): Readonly<Record<string, string>> {
  if (descriptions === undefined) {
    descriptions = new Map()
    for (const line of descriptionLines.split('\n')) {
      const tab = line.indexOf('\t')
      descriptions.set(line.slice(0, tab), line.slice(tab + 1))
    }
  }
  const line = descriptions.get(typeKey)
  return line === undefined ? {} : (JSON.parse(line) as Record<string, string>)
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
