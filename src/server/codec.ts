/** Reads objects that clients send, by the type that the request is about (https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation). */

import { schemaOf, typeKeyOf } from '../api/schemas.ts'
import { badRequest } from '../meta/errors.ts'
import { canonicalQuantity, quantityFault } from '../meta/quantity.ts'
import type { KubeObject } from '../meta/types.ts'
import { DecodeError } from '../wire/decode/context.ts'
import { createDecoder } from '../wire/decode/decode.ts'
import {
  readTypeMeta,
  strictFaults,
  type StrictFindings,
  strictMessage,
  undecodableMessage,
} from '../wire/decode/texts.ts'
import { keepLeftOut } from '../wire/json/nil.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** The kind that a body must be of. */
export interface BodyType {
  readonly apiVersion: string
  readonly kind: string
  /** The key of its schema. */
  readonly type: string
}

export interface BodyOptions {
  readonly fieldValidation?: FieldValidation | undefined
  /** Paths of keys that the body had twice. */
  readonly duplicates?: readonly string[] | undefined
  /** The same of a body in YAML, as sentences. */
  readonly repeated?: readonly string[] | undefined
  /** What else field validation is to tell, before what it finds here. */
  readonly faults?: readonly string[] | undefined
  /** Whole numbers that the body had as fractions or with exponents, by their paths. */
  readonly fractions?: ReadonlyMap<string, string> | undefined
  readonly warn?: (text: string) => void
  /** The body's bytes, for error texts. */
  readonly bytes?: Uint8Array | undefined
  /** Only some of the fields: an applied configuration. */
  readonly partial?: boolean
  /** Fields that are null stay. */
  readonly keepsNull?: boolean
  /** What is frozen in it is a part of a stored object. */
  readonly hasDecoded?: boolean
  /** Whether it is noted which lists and maps were given empty; absent: where there are bytes. */
  readonly notesEmpty?: boolean
  /** It is converted, as Kubernetes does with what was applied or patched strategically, not read from JSON. */
  readonly converts?: boolean
  /** Whether what is read was patched together, by the names of its fields. */
  readonly isPatched?: boolean
  /** How what is no such object is refused; absent: as a bad request that shows the body. */
  readonly refuse?: (why: string, cause?: unknown) => Error
}

/** How Kubernetes calls the kinds it knows, and those of options, in what it says of one it does not. */
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30'
const OPTIONS_SCHEME = 'pkg/apis/meta/internalversion/scheme/register.go:27'

const decode = createDecoder({
  schemas: schemaOf,
  canonicalQuantity(text) {
    const canonical = canonicalQuantity(text)
    if (canonical === undefined) throw new Error(quantityFault(text))
    return canonical
  },
})

/**
 * The object that `value` describes, new and free to change, with `apiVersion` and `kind`. Throws `BadRequest` for what
 * is no such object.
 */
export function decodeBody(value: unknown, wanted: BodyType, options: BodyOptions = {}): KubeObject {
  // A body that is null is an empty object to Go.
  if (value === null) return decodeBody({}, wanted, options)
  const { kind } = wanted
  const bytes = options.bytes ?? Buffer.alloc(0)
  const meta = readTypeMeta(value)
  if ('why' in meta) {
    // What a patch made is the patch's fault.
    const refuseText = options.isPatched === true ? options.refuse : undefined
    throw refuseText?.(meta.why) ?? badRequest(undecodableMessage({ kind }, meta.why, bytes))
  }
  const given = { kind: meta.kind === '' ? kind : meta.kind, version: versionOf(meta.apiVersion || wanted.apiVersion) }
  const refuse =
    options.refuse ??
    ((why: string, cause?: unknown) => badRequest(undecodableMessage({ kind, given }, why, bytes), cause))
  checkKind({ apiVersion: meta.apiVersion, kind: given.kind }, value, wanted, refuse)
  let decoded
  try {
    const { partial, keepsNull, hasDecoded, fractions, converts } = options
    const notesEmpty = options.notesEmpty ?? options.bytes !== undefined
    decoded = decode(value, wanted.type, { partial, keepsNull, hasDecoded, notesEmpty, fractions, converts })
  } catch (error) {
    throw error instanceof DecodeError ? refuse(error.message, error) : error
  }
  report(decoded.unknown, options, refuse)
  const { apiVersion: _, kind: __, ...rest } = decoded.value
  const object = keepLeftOut(decoded.value, { apiVersion: wanted.apiVersion, kind, ...rest } as KubeObject)
  object.metadata ??= {}
  if (isWithoutOwners(value)) object.metadata.managedFields = []
  return object
}

/** A list of owners that is there and empty asks for owners to be forgotten; other empty lists say nothing. */
function isWithoutOwners(value: unknown): boolean {
  const { managedFields } = (value as { readonly metadata?: { readonly managedFields?: unknown } }).metadata ?? {}
  return Array.isArray(managedFields) && managedFields.length === 0
}

function report(unknown: StrictFindings['unknown'], options: BodyOptions, refuse: (why: string) => Error): void {
  const { fieldValidation = 'Warn', duplicates = [], repeated, faults = [], warn } = options
  if (fieldValidation === 'Ignore' || unknown.length + duplicates.length + faults.length === 0) return
  const isPlaced = options.isPatched !== true && duplicates.length > 0 && unknown.length > 0
  const told = options.isPatched === true ? unknown.toSorted((a, b) => (a.path < b.path ? -1 : 1)) : unknown
  const findings = { unknown: told, duplicates, repeated, json: isPlaced ? jsonOf(options.bytes) : undefined }
  if (fieldValidation === 'Strict') throw refuse(strictMessage(findings, faults)!)
  for (const fault of [...faults, ...strictFaults(findings)]) warn?.(fault)
}

/** A body as text; `undefined` for one that is no JSON. */
function jsonOf(bytes: Uint8Array | undefined): string | undefined {
  const text = Buffer.from(bytes ?? []).toString('utf8')
  try {
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

const versionOf = (apiVersion: string) => apiVersion.slice(apiVersion.indexOf('/') + 1)

interface TypeMeta {
  readonly apiVersion: string
  readonly kind: string
}

type Refuse = (why: string, cause?: unknown) => Error

/** Refuses a body of another kind or version than the path is about. */
function checkKind({ apiVersion, kind }: TypeMeta, value: unknown, wanted: BodyType, refuse: Refuse): void {
  const version = apiVersion === '' ? wanted.apiVersion : apiVersion
  if (version === wanted.apiVersion && kind === wanted.kind) return
  const type = typeKeyOf(version, kind)
  if (type === undefined) {
    throw refuse(`no kind "${kind}" is registered for version "${version}" in scheme "${SCHEME}"`)
  }
  if (kind !== wanted.kind) {
    // It is read as what it says it is before anything is made of it.
    try {
      decode(value, type)
    } catch (error) {
      throw error instanceof DecodeError ? refuse(error.message, error) : error
    }
    throw refuse(unconvertible(version, kind, wanted))
  }
  throw badRequest(
    `the API version in the data (${version}) does not match the expected API version (${wanted.apiVersion})`,
  )
}

/** Why an object of a kind that is known is none of the kind that the path is about. */
function unconvertible(apiVersion: string, kind: string, wanted: BodyType): string {
  const version = versionOf(apiVersion)
  const [group = ''] = wanted.apiVersion.includes('/') ? wanted.apiVersion.split(/[./]/, 1) : ['core']
  return `converting (${version}.${kind}) to (${group}.${wanted.kind}): unknown conversion`
}

/** Options that come as a body, such as DeleteOptions: any group may have them. */
export function decodeOptions(value: unknown, kind: 'DeleteOptions'): object {
  if (value === null) return {}
  const meta = readTypeMeta(value)
  if ('why' in meta) throw badRequest(undecodableMessage({ kind }, meta.why, Buffer.alloc(0)))
  if (meta.kind !== '' && meta.kind !== kind) {
    throw badRequest(
      `no kind "${meta.kind}" is registered for version "${meta.apiVersion}" in scheme "${OPTIONS_SCHEME}"`,
    )
  }
  try {
    return decode(value, `meta/v1.${kind}`).value
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(error.message, error)
  }
}
