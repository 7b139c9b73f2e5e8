/** Which form of an answer a client wants (https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources). */

import { ApiError, notAcceptable } from '../../../meta/errors.ts'

export interface OutputForm {
  readonly encoding: 'json' | 'yaml' | 'protobuf'
  /** Absent: the object itself. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  /** The version of meta.k8s.io for `as`. */
  readonly version: string
  /** Tells forms apart where encoded answers are kept. */
  readonly id: string
}

/** One clause of an Accept header. */
export interface AcceptedType {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

/** Any type of `application` will do only where no router stands before the documents: at /api and /apis. */
const ENCODINGS: ReadonlyMap<string, OutputForm['encoding']> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
  ['*/*', 'json'],
])
const PARTS = ['PartialObjectMetadata', 'PartialObjectMetadataList']
const TRANSFORMS: ReadonlySet<string> = new Set(['Table', ...PARTS])
const CONVERSION = ['as', 'g', 'v']
const known = new Map<string, OutputForm>()
const MAX_KNOWN = 200

export const plainJson: OutputForm = { encoding: 'json', version: '', id: 'json' }

/** The best form that the server has. Throws `NotAcceptable` when there is none. */
export function negotiate(
  accept: string | undefined,
  transforms: ReadonlySet<string> = TRANSFORMS,
  offered: Offered = 'list',
): OutputForm {
  if (accept === undefined || accept === '' || accept === 'application/json') return plainJson
  const key = transforms === TRANSFORMS ? accept : undefined
  const cached = key === undefined ? undefined : known.get(key)
  if (cached !== undefined) return cached
  const form = choose(accept, transforms)
  if (form === undefined) {
    if (!parseAccept(accept).some(({ type }) => ENCODINGS.has(type)))
      throw noRepresentation(offered === 'list' ? [...OBJECT_TYPES, ...STREAM_TYPES] : OBJECT_TYPES)
    throw notAcceptable(
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    )
  }
  if (key !== undefined && key.length < 500) {
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(key, form)
  }
  return form
}

/** The form of a Status that refuses what was asked; undefined: the client takes none, and gets it as JSON. */
export function refusalForm(accept: string | undefined): OutputForm | undefined {
  return accept === undefined || accept === '' ? plainJson : choose(accept, NO_TRANSFORMS)
}

/** Of what is only answered, such as a review, there is no table, nor through most subresources. */
export const NO_TABLE: ReadonlySet<string> = new Set(PARTS)

/** Of a Status there is nothing but itself. */
const NO_TRANSFORMS: ReadonlySet<string> = new Set()

/** 406 of the router, who knows no media type of those that the client takes. */
export function noRepresentation(types: readonly string[]): ApiError {
  const message = `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`
  return new ApiError({ message, reason: 'NotAcceptable', details: {}, code: 406 })
}

/** What the router offers: a list can be followed as well. */
type Offered = 'object' | 'list'

const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

function choose(accept: string, transforms: ReadonlySet<string>): OutputForm | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    const encoding = ENCODINGS.get(type)
    if (encoding === undefined) continue
    const stream = parameters.get('stream') ?? ''
    if (stream !== '' && (stream !== 'watch' || encoding === 'yaml')) continue
    if (!CONVERSION.some((name) => parameters.has(name))) return { encoding, version: '', id: encoding }
    const { as = '', g, v: version = '' } = Object.fromEntries(parameters)
    if (!transforms.has(as) || g !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue
    if (as === 'Table' && encoding === 'protobuf') continue
    return { encoding, as: as as 'Table', version, id: `${encoding}:${as}:${version}` }
  }
  return undefined
}

/** What a client accepts, and what it likes best first. */
export function parseAccept(accept: string): AcceptedType[] {
  // A stable sort: of equal quality the first counts.
  return accept
    .slice(0, 4_096)
    .split(',')
    .map(parseClause)
    .sort((a, b) => b.quality - a.quality)
}

/** Space is nothing around names and values, but for a quality, which is none with space before it. */
function parseClause(clause: string): AcceptedType {
  const [type = '', ...rest] = clause.split(';')
  const parameters = new Map<string, string>()
  let quality = 1
  for (const part of rest) {
    const [name = '', value] = part.trim().split(/=(.*)/s)
    if (value === undefined) continue
    if (name.trim() === 'q') quality = /^\s/.test(value) ? 0 : Number(value)
    else parameters.set(name.trim(), value.trim())
  }
  return { type: type.trim(), parameters, quality: Number.isFinite(quality) ? quality : 0 }
}
