/**
 * How a patch fails: which HTTP answer it earns and the words Kubernetes uses for it
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
 */

/**
 * What the API answers: `bad-request` 400, `too-many` 413, `unprocessable` 422 with reason `Invalid`, and
 * `unclassified` 500 without a reason, which is how Kubernetes answers the faults it gives no status of their own.
 */
export type PatchErrorKind = 'bad-request' | 'unprocessable' | 'too-many' | 'unclassified'

/** A patch that cannot be applied. `message` is what the client reads; `detail` says more, for logs and tests. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly kind: PatchErrorKind
  readonly detail: string

  constructor(kind: PatchErrorKind, message: string, detail: string = message) {
    super(message)
    this.kind = kind
    this.detail = detail
  }
}

export const badPatch = (message: string) => new PatchError('bad-request', message)
export const unclassified = (message: string) => new PatchError('unclassified', message)
export const tooMany = (message: string) => new PatchError('too-many', message)

/** 422: the patch is readable, but does not fit this object. Kubernetes keeps the reason to itself. */
export const doesNotApply = (detail: string) =>
  new PatchError('unprocessable', 'the server rejected our request due to an error in our request', detail)

type GoType = 'storage.continueToken' | 'map[string]interface {}' | '[]handlers.jsonPatchOp' | 'handlers.jsonPatchOp'

/** What Kubernetes says of a body that is JSON, but not of the type a patch must have. */
export const cannotRead = (value: unknown, wanted: GoType) =>
  `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${wanted}`

/** The same as JSON and merge patches are refused. */
export const wrongBody = (value: unknown, wanted: GoType) =>
  badPatch(`error decoding patch: ${cannotRead(value, wanted)}`)

/** The word for the type of a JSON value in Kubernetes's messages. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null || typeof value === 'object') return 'object'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'bigint' ? 'number' : typeof value
}

const MAX_SHOWN = 32_768

/** A value as Kubernetes prints it inside messages: `map[a:1 b:[x y]]`. Cut where it would be endless. */
export function printed(value: unknown): string {
  const text = printDeep(value, 0)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}

function printDeep(value: unknown, depth: number): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return goNumber(value)
  if (typeof value !== 'object') return JSON.stringify(value, plainBigint) ?? '?'
  if (depth > 20) return '...'
  if (Array.isArray(value)) {
    return `[${value
      .slice(0, 100)
      .map((item) => printDeep(item, depth + 1))
      .join(' ')}]`
  }
  const entries = Object.entries(value).slice(0, 100)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, item]) => `${key}:${printDeep(item, depth + 1)}`).join(' ')}]`
}

/** A number as Go prints it: what no 64 bits hold, and what is no whole number, in the shorter of its forms. */
export function goNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(value)
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

const plainBigint = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
