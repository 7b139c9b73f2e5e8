/** Documents as bytes, made once. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { inSteps, type Steps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { encodePlain } from '../http/answer/encode.ts'
import { negotiate } from '../http/answer/negotiate.ts'
import { contentRange, multipart, parseRanges } from './byte-ranges.ts'

const compress = promisify(gzip)

export interface Document {
  readonly contentType: string
  readonly body: Buffer
  /** In quotes; absent: clients do not ask whether the document is still the same. */
  readonly etag?: string
  /** What else its head says. */
  readonly headers: Readonly<Record<string, string>>
}

/** What a request asks: its path, what its query says of the document, and some of its headers. */
export interface DiscoveryRequest {
  readonly path: string
  /** Of the document that the client means, as the index named it. */
  readonly hash?: string | undefined
  readonly accept?: string | undefined
  readonly acceptEncoding?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifModifiedSince?: string | undefined
  readonly ifMatch?: string | undefined
  readonly ifUnmodifiedSince?: string | undefined
  /** Which bytes the client wants, and of which document. */
  readonly range?: string | undefined
  readonly ifRange?: string | undefined
}

/** An answer to send as it is. `body` is shared: never change it. */
export interface DiscoveryAnswer {
  readonly status: 200 | 206 | 301 | 304 | 404 | 406 | 412 | 416
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What a document is, beside its bytes. */
export type DocumentHead = Omit<Document, 'body' | 'etag'> & {
  /** Absent: not compared. `body`: what the bytes are, else what they were made from. */
  readonly tag?: 'body' | { readonly of: string }
}

/** Documents by name. */
export class Documents {
  readonly #known = new Map<string, Document>()
  readonly #inMaking = new Map<string, Promise<Document>>()
  readonly #compressed = new WeakMap<Document, Promise<Buffer>>()

  json(name: string, head: DocumentHead, make: () => object): Document {
    return this.bytes(name, head, () => Buffer.from(JSON.stringify(make())))
  }

  /** An object of the API, in the form that the client likes best. Throws `NotAcceptable`. */
  object(name: string, accept: string | undefined, make: () => object): Document {
    const form = negotiate(accept, NO_TRANSFORMS, 'object')
    const key = `${name} ${form.encoding}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const { contentType, body } = encodePlain(make(), form)
    return this.bytes(key, { contentType, headers: {} }, () => body)
  }

  bytes(name: string, { tag, ...head }: DocumentHead, make: () => Buffer): Document {
    let document = this.#known.get(name)
    if (document === undefined) {
      const body = make()
      const etag = tag === undefined ? {} : { etag: `"${tag === 'body' ? digest(body) : tag.of}"` }
      document = { ...head, body, ...etag }
      this.#known.set(name, document)
    }
    return document
  }

  /** A large document: others have their turn between the steps, and all who ask meanwhile wait for the same. */
  async large(name: string, head: DocumentHead, make: () => Steps<Buffer>): Promise<Document> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    let making = this.#inMaking.get(name)
    if (making === undefined) {
      making = inSteps(make(), nextTurn)
        .then((body) => this.bytes(name, head, () => body))
        .finally(() => this.#inMaking.delete(name))
      this.#inMaking.set(name, making)
    }
    return making
  }

  /** The document as a client gets it that reads gzip. The bytes are made once, beside the event loop. */
  async compressed(document: Document): Promise<Document> {
    let bytes = this.#compressed.get(document)
    if (bytes === undefined) this.#compressed.set(document, (bytes = compress(document.body)))
    return { ...document, headers: { ...document.headers, 'content-encoding': 'gzip' }, body: await bytes }
  }
}

const NO_TRANSFORMS: ReadonlySet<string> = new Set()

/** SHA-512 as discovery writes it. */
export function digest(content: Buffer | string): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase()
}

/** Whether a client that has documents of these tags, as `If-None-Match` names them, has this one. */
function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

/** A time as HTTP writes it (https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats). */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

/** The document, or those parts of it that the client wants, unless it wants another one. */
export function partOf(document: Document, request: DiscoveryRequest): DiscoveryAnswer {
  if (isOther(document, request)) return { status: 412, headers: headersOf(document), body: Buffer.alloc(0) }
  const answer = answerOf(document, request)
  if (answer.status !== 200) return answer
  const whole = { ...answer, headers: { 'accept-ranges': 'bytes', ...answer.headers } }
  const { range, ifRange } = request
  if (range === undefined || range === '' || !isSame(document, ifRange)) return whole
  const { body, headers } = whole
  const size = body.length
  const ranges = parseRanges(range, size)
  if (ranges === 'malformed' || ranges === 'beyond') return unsatisfiable(document, ranges === 'beyond')
  const [only, ...more] = ranges
  if (only === undefined) return whole
  if (more.length === 0) {
    const part = body.subarray(only.start, only.start + only.length)
    return { status: 206, headers: { ...headers, 'content-range': contentRange(only, size) }, body: part }
  }
  const boundary = digest(body).slice(0, 60).toLowerCase()
  const parts = multipart(body, ranges, { boundary, contentType: document.contentType })
  return {
    status: 206,
    headers: { ...headers, 'content-type': `multipart/byteranges; boundary=${boundary}` },
    body: parts,
  }
}

function unsatisfiable({ body, headers: { vary } }: Document, isBeyond: boolean): DiscoveryAnswer {
  const headers = {
    ...(vary === undefined ? {} : { vary }),
    ...(isBeyond ? { 'content-range': `bytes */${body.length}` } : {}),
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  }
  return { status: 416, headers, body: Buffer.from(`invalid range${isBeyond ? ': failed to overlap' : ''}\n`) }
}

/** Whether the client wants something only of a document that this one is not. */
function isOther({ etag, headers }: Document, { ifMatch, ifUnmodifiedSince }: DiscoveryRequest): boolean {
  if (ifMatch !== undefined && ifMatch !== '') return etag === undefined || !hasTag(ifMatch, etag)
  const changed = headers['last-modified']
  if (changed === undefined || ifUnmodifiedSince === undefined) return false
  return Date.parse(changed) > Date.parse(ifUnmodifiedSince)
}

/** Whether the parts are wanted of this very document. */
const isSame = ({ etag, headers }: Document, ifRange: string | undefined): boolean =>
  ifRange === undefined || ifRange === '' || ifRange === etag || ifRange === headers['last-modified']

const headersOf = ({ contentType, etag, headers }: Document): Readonly<Record<string, string>> => ({
  ...headers,
  ...(etag === undefined ? {} : { etag }),
  'content-type': contentType,
})

/** What the client has. Tags go before times. */
type Known = Pick<DiscoveryRequest, 'ifNoneMatch' | 'ifModifiedSince'>

/** The document, or that the client has it. */
export function answerOf({ contentType, body, etag, headers }: Document, known: Known = {}): DiscoveryAnswer {
  const tagged = etag === undefined ? headers : { ...headers, etag }
  if (isKnown(tagged, known)) {
    const { 'last-modified': _, 'content-encoding': __, ...kept } = tagged
    return { status: 304, headers: kept, body: Buffer.alloc(0) }
  }
  return { status: 200, headers: { ...tagged, 'content-type': contentType }, body }
}

function isKnown(headers: Readonly<Record<string, string>>, { ifNoneMatch, ifModifiedSince }: Known): boolean {
  const { etag, 'last-modified': changed } = headers
  if (ifNoneMatch !== undefined && ifNoneMatch !== '') return etag !== undefined && hasTag(ifNoneMatch, etag)
  if (changed === undefined || ifModifiedSince === undefined) return false
  return Date.parse(ifModifiedSince) >= Date.parse(changed)
}
