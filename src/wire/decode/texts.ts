/** What the API server says of a body that it cannot take (https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation). */
import { goQuote } from '../../base/go-quote.ts'
import { keyPlaces } from '../json/careful.ts'
import type { UnknownField } from './context.ts'

/** The kind that the path of the request is about, and what the body said of itself. */
export interface ExpectedKind {
  readonly kind: string
  /** The body's own, where it could be read. */
  readonly given?: { readonly kind: string; readonly version: string }
}

/** The message of the 400 for a body that is no such object. */
export function undecodableMessage({ kind, given }: ExpectedKind, why: string, body: Uint8Array): string {
  if (given !== undefined && given.kind !== '') {
    return `${given.kind} in version ${JSON.stringify(given.version)} cannot be handled as a ${kind}: ${why}`
  }
  if (kind === 'DeleteOptions') return why
  return `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`
}

/** What field validation tells of. */
export interface StrictFindings {
  readonly unknown: readonly UnknownField[]
  /** Paths of keys that were there twice. */
  readonly duplicates: readonly string[]
  /** The same of a body in YAML, each as a sentence: they are told instead. */
  readonly repeated?: readonly string[] | undefined
  /** The body where it is JSON: its faults are told in its order, and nothing of what is inside of an unknown field. */
  readonly json?: string | undefined
}

/** Each fault that field validation tells of; with `Warn` each is a warning of its own. */
export function strictFaults({ unknown, duplicates, repeated, json }: StrictFindings): string[] {
  const told = duplicates.map((path, at) => ({ path, fault: repeated?.[at] ?? `duplicate field ${goQuote(path)}` }))
  const unknowns = unknown.map(({ path }) => ({ path, fault: `unknown field ${goQuote(path)}` }))
  if (json === undefined || told.length === 0 || unknowns.length === 0) {
    return [...told, ...unknowns].map(({ fault }) => fault)
  }
  const known = told.filter(({ path }) => !unknown.some((one) => isWithin(path, one.path)))
  const paths = (found: readonly { readonly path: string }[]) => found.map(({ path }) => path)
  const places = keyPlaces(json, { first: paths(unknowns), repeated: paths(known) })
  const placeOf = ({ path }: { readonly path: string }) => places.get(path) ?? 0
  return [...known, ...unknowns].toSorted((a, b) => placeOf(a) - placeOf(b)).map(({ fault }) => fault)
}

const isWithin = (path: string, outer: string): boolean =>
  path.startsWith(outer) && ['', '.', '['].includes(path.charAt(outer.length))

/** The one error of `Strict`, `before` being faults found elsewhere; `undefined` when there is no fault. */
export function strictMessage(findings: StrictFindings, before: readonly string[] = []): string | undefined {
  const { repeated = [] } = findings
  const inYaml = repeated.length === 0 ? [] : [repeatedMessage(repeated)]
  const found = repeated.length === 0 ? findings : { ...findings, duplicates: [] }
  const faults = [...before, ...inYaml, ...strictFaults(found)]
  if (faults.length === 0) return undefined
  const meant = findings.unknown.flatMap(({ suggestion }) =>
    suggestion === undefined ? [] : [JSON.stringify(suggestion)],
  )
  const hint = meant.length === 0 ? '' : ` (did you mean ${meant.join(', ')}?)`
  return `strict decoding error: ${faults.join(', ')}${hint}`
}

/** The one error of keys that a body in YAML has more than once. */
export const repeatedMessage = (repeated: readonly string[]): string =>
  ['yaml: unmarshal errors:', ...repeated].join('\n  ')

/** Why a body's apiVersion and kind cannot be read, or both. */
export function readTypeMeta(value: unknown): { apiVersion: string; kind: string } | { why: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (value === null) return { apiVersion: '', kind: '' }
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return {
      why: `couldn't get version/kind; json parse error: json: cannot unmarshal ${kind} into Go value of type ${typeMetaType}`,
    }
  }
  const { apiVersion = '', kind = '' } = value as { apiVersion?: unknown; kind?: unknown }
  for (const [name, text] of Object.entries({ apiVersion, kind })) {
    if (typeof text !== 'string' && text !== null) {
      const found = Array.isArray(text) ? 'array' : typeof text === 'boolean' ? 'bool' : typeof text
      return {
        why: `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go struct field .${name} of type string`,
      }
    }
  }
  const version = (apiVersion as string | null) ?? ''
  if (version.split('/', 3).length > 2) return { why: `unexpected GroupVersion string: ${version}` }
  return { apiVersion: version, kind: (kind as string | null) ?? '' }
}

const typeMetaType = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

function summary(body: Uint8Array): string {
  if (body.length === 0) return '<empty>'
  const start = Buffer.from(body.subarray(0, 30))
  const text = start[0] === 0x7b ? start.toString('utf8') : start.toString('hex')
  return body.length > 30 ? `${text} ...` : text
}
