/**
 * Serves `/openapi/v2` and `/openapi/v3`. What makes the documents is loaded when the first is asked for. A document that
 * is asked for by its hash never changes, and clients keep it
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3).
 */
import { factLines } from '../../../api/generated/facts.ts'
import type { Clock } from '../../../base/clock.ts'
import { parseAccept } from '../../http/answer/negotiate.ts'
import {
  answerOf,
  digest,
  type DiscoveryAnswer,
  type DiscoveryRequest,
  Documents,
  type Document,
  httpDate,
  partOf,
} from '../document.ts'
import type { DiscoveredGroup, DiscoveredResource } from '../groups.ts'
import { jsonInSteps } from './json-steps.ts'
import { type DocumentPart, documentParts } from './parts.ts'

type Form = 'json' | 'protobuf'

const JSON_TYPE = 'application/json'
const INDEX = '/openapi/v3'
const YEAR_MS = 365 * 24 * 3_600_000

/** Documents of version 3 outlive the set of resources they were made for: most do not change when another group does. */
const madeFor = new WeakMap<
  DiscoveredResource,
  { readonly resources: readonly DiscoveredResource[]; readonly documents: Documents }
>()

/** The server whose documents they are: its version, such as `1.36`, and its clock. */
export interface DocumentedServer {
  readonly version: string
  readonly clock: Pick<Clock, 'now'>
}

/** Answers by path; `undefined` for what is no document. */
export function openApiDocuments(
  groups: readonly DiscoveredGroup[],
  server: DocumentedServer,
): (request: DiscoveryRequest) => Promise<DiscoveryAnswer | undefined> {
  const documents = new Documents()
  const parts = documentParts(groups)
  const all = { parts }
  const hashes = new Hashes(server.version)
  const making: Making = { ...server, hashes, documents, since: httpDate(server.clock.now()) }
  return async (request) => {
    const { path, accept, acceptEncoding = '', hash, range = '' } = request
    if (path === INDEX) {
      const head = { contentType: 'text/plain; charset=utf-8', headers: { 'last-modified': making.since } }
      return partOf(
        documents.json(INDEX, head, () => index(parts, hashes)),
        request,
      )
    }
    const isV2 = path === '/openapi/v2'
    const found = isV2 ? undefined : parts.find((candidate) => `${INDEX}/${candidate.path}` === path)
    if (!isV2 && found === undefined) return path.startsWith(`${INDEX}/`) ? NOTHING : undefined
    const form = formOf(accept, isV2 ? 'v2' : 'v3')
    if (form === undefined) return { status: 406, headers: { vary: isV2 ? VARY_V2 : VARY }, body: Buffer.alloc(0) }
    if (found === undefined) {
      const document = await swagger(making, all, form)
      const isSmaller = acceptEncoding.includes('gzip') && range === ''
      return isSmaller ? answerOf(await documents.compressed(document), request) : partOf(document, request)
    }
    const own = hashes.of(found)
    if (hash !== undefined && hash !== '' && hash !== own) {
      const headers = { location: `${path}?hash=${own}`, etag: `"${own}"`, vary: VARY, 'content-type': JSON_TYPE }
      return { status: 301, headers, body: Buffer.alloc(0) }
    }
    const document = await partDocument(making, found, form)
    const kept = hash === own ? { headers: { ...document.headers, ...keptFrom(server.clock.now()) } } : {}
    return partOf({ ...document, ...kept }, request)
  }
}

/** What documents are made with and kept in. */
interface Making extends DocumentedServer {
  readonly hashes: Hashes
  readonly documents: Documents
  /** Since when this set of groups is served. */
  readonly since: string
}

const NOTHING: DiscoveryAnswer = { status: 404, headers: {}, body: Buffer.alloc(0) }

/** For as long as anything can be kept. */
function keptFrom(now: number): Readonly<Record<string, string>> {
  const expires = httpDate(now + YEAR_MS).replace('GMT', 'UTC') // as Kubernetes writes it
  return { 'cache-control': 'public, immutable', expires }
}

/** What else than the path says which bytes are sent. */
const VARY = 'Accept'
const VARY_V2 = 'Accept-Encoding, Accept'

async function swagger(
  { documents, hashes, since, version }: Making,
  all: { readonly parts: readonly DocumentPart[] },
  form: Form,
): Promise<Document> {
  const { openApiV2 } = await import('./documents.ts')
  const { swaggerProtobuf } = await import('./proto-v2.ts')
  const write = form === 'json' ? jsonInSteps : swaggerProtobuf
  const contentType = form === 'json' ? JSON_TYPE : protobufType('v2')
  const head = { contentType, headers: { vary: VARY_V2, 'last-modified': since }, tag: { of: hashes.of(all) } }
  return documents.large(`v2 ${form}`, head, function* () {
    return yield* write(yield* openApiV2(all.parts, version))
  })
}

async function partDocument(making: Making, part: DocumentPart, form: Form): Promise<Document> {
  const { openApiV3 } = await import('./documents.ts')
  const { openApiProtobuf } = await import('./proto-v3.ts')
  const { hashes, since, version } = making
  const write = form === 'json' ? jsonInSteps : openApiProtobuf
  const contentType = form === 'json' ? JSON_TYPE : protobufType('v3')
  const head = { contentType, headers: { vary: VARY, 'last-modified': since }, tag: { of: hashes.of(part) } }
  const documents = documentsFor(part.resources) ?? making.documents
  return documents.large(`${part.path} ${form}`, head, function* () {
    return yield* write(yield* openApiV3(part, version))
  })
}

function documentsFor(resources: readonly DiscoveredResource[]): Documents | undefined {
  const [first] = resources
  if (first === undefined) return undefined
  const known = madeFor.get(first)
  if (known?.resources.length === resources.length && known.resources.every((one, i) => one === resources[i])) {
    return known.documents
  }
  const documents = new Documents()
  madeFor.set(first, { resources, documents })
  return documents
}

/** Of what a document is made from, so that the index needs none of them made. */
class Hashes {
  readonly #base: string
  readonly #known = new WeakMap<object, string>()

  constructor(version: string) {
    this.#base = version + digest(factLines)
  }

  of(own: object): string {
    let hash = this.#known.get(own)
    if (hash === undefined) {
      hash = digest(this.#base + JSON.stringify(own))
      this.#known.set(own, hash)
    }
    return hash
  }
}

function index(parts: readonly DocumentPart[], hashes: Hashes): object {
  const entries = parts.map((part) => {
    return [part.path, { serverRelativeURL: `${INDEX}/${part.path}?hash=${hashes.of(part)}` }]
  })
  return { paths: Object.fromEntries(entries) as object }
}

const protobufType = (spec: 'v2' | 'v3') => `application/com.github.proto-openapi.spec.${spec}.v1.0+protobuf`

/** What the client likes best of the two; `undefined`: neither. The name with an at sign is what older clients say. */
function formOf(accept: string | undefined, spec: 'v2' | 'v3'): Form | undefined {
  for (const { type } of parseAccept(accept === undefined || accept === '' ? '*/*' : accept)) {
    if (type === '*/*' || type === 'application/*' || type === JSON_TYPE) return 'json'
    if (type === protobufType(spec) || type === protobufType(spec).replace('.v1.0', '@v1.0')) return 'protobuf'
  }
  return undefined
}
