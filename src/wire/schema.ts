/**
 * What the encoders, decoders and patch algorithms know about an API type: the names, shapes and markers
 * that Kubernetes publishes in its Go types. The tables themselves are generated into `api/generated/`.
 */

/** How a single JSON value is written. `int32`/`int64`/`double` are JSON numbers; `bytes` is base64 text. */
export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'Quantity'
  | 'Time'
  | 'MicroTime'
  | 'Duration'
  | 'IntOrString'
  | 'any'

/** Types whose JSON form is not the struct that the wire has. In JSON they are `any`. */
export type CustomForm = 'raw' | 'schemaOrArray' | 'schemaOrBoolean' | 'schemaOrStrings'

/** The shape of one field's value. A `struct` names another type by its key, e.g. `core/v1.PodSpec`. */
export type Shape =
  | { readonly kind: 'scalar'; readonly scalar: ScalarKind; readonly custom?: CustomForm; readonly atomic?: true }
  | { readonly kind: 'struct'; readonly type: string }
  | { readonly kind: 'list'; readonly of: Shape }
  /** `keys` is what its keys are called, where that is not `string`. */
  | { readonly kind: 'map'; readonly of: Shape; readonly keys?: string }

/** Where a field stands on the protobuf wire. */
export interface ProtoField {
  readonly number: number
  readonly wire: 'varint' | 'bytes' | 'fixed64'
  readonly repeated: boolean
  /** The Go slice type is a message of its own, `{ items = 1 }`. */
  readonly wrapped?: boolean
}

/** Everything known of one JSON field. Absent markers are absent in the source. */
export interface FieldSchema {
  readonly name: string
  readonly shape: Shape
  readonly proto?: ProtoField
  /**
   * The Go struct is embedded: flat in JSON, but on the wire the field stands inside the message field of
   * these numbers, outermost first (`Volume.emptyDir` stands inside `volumeSource = 2`).
   */
  readonly embeddedIn?: readonly number[]
  /** The Go names of the structs that the field is embedded from, as errors tell them: `VolumeSource`. */
  readonly embedded?: string
  readonly pointer: boolean
  readonly omitEmpty: boolean
  readonly required: boolean
  readonly nullable: boolean
  readonly default?: unknown
  /** The name of the Go type, where that is not plain from the shape: `v1.RestartPolicy`, `[]v1.Capability`. */
  readonly goType?: string
  /** The closed set of values, where Kubernetes marks one. */
  readonly enum?: readonly string[]
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly structType?: 'atomic' | 'granular'
}

/** One API type. `fields` holds embedded fields too, flat, as JSON has them. */
export interface StructSchema {
  readonly key: string
  readonly fields: ReadonlyMap<string, FieldSchema>
  readonly structType?: 'atomic' | 'granular'
  readonly mapType?: 'atomic' | 'granular'
  /** A kind of its own: it carries `apiVersion` and `kind` (which are not on the protobuf wire). */
  readonly root: boolean
  /** Whether the type has a protobuf form at all (`Table` has none). */
  readonly hasProto: boolean
}

/** Looks a type up by its key; `undefined` for a key nobody knows. */
export type SchemaLookup = (key: string) => StructSchema | undefined
