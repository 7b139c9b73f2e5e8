/**
 * Serves `/openapi/v2` and `/openapi/v3`. What makes the documents is loaded when the first is asked for. A document that
 * is asked for by its hash never changes, and clients keep it
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3).
 */
import { factLines } from '../../../api/generated/facts.ts'
import { parseAccept } from '../../http/negotiate.ts'
import { answerOf, digest, type DiscoveryAnswer, type DiscoveryRequest, Documents, type Document } from '../document.ts'
import type { DiscoveredGroup, DiscoveredResource, DiscoveredVersion } from '../groups.ts'

type Form = 'json' | 'protobuf'

const JSON_TYPE = 'application/json'
const INDEX = '/openapi/v3'
const YEAR_S = 365 * 24 * 3_600

/** Documents of version 3 outlive the set of resources they were made for: most do not change when another group does. */
const madeFor = new WeakMap<
  DiscoveredResource,
  { readonly resources: readonly DiscoveredResource[]; readonly documents: Documents }
>()

/** Answers by path; `undefined` for what is no document. `version` is the server's. */
export function openApiDocuments(
  groups: readonly DiscoveredGroup[],
  version: string,
): (request: DiscoveryRequest) => Promise<DiscoveryAnswer | undefined> {
  const documents = new Documents()
  const versions = groups.flatMap((group) => group.versions)
  const all = { resources: versions.flatMap(({ resources }) => resources) }
  const hashes = new Hashes(version)
  return async ({ path, accept, acceptEncoding = '', hash, ifNoneMatch }) => {
    if (path === INDEX || path === `${INDEX}/`) {
      return answerOf(documents.json(INDEX, { contentType: JSON_TYPE, headers: {} }, () => index(versions, hashes)))
    }
    const isV2 = path === '/openapi/v2'
    const found = isV2 ? undefined : versions.find((candidate) => `${INDEX}/${relativePath(candidate)}` === path)
    if (!isV2 && found === undefined) return undefined
    const form = formOf(accept, isV2 ? 'v2' : 'v3')
    if (form === undefined) return { status: 406, headers: { vary: VARY }, body: Buffer.alloc(0) }
    if (found === undefined) {
      const document = await swagger(documents, all, { hashes, form })
      return answerOf(acceptEncoding.includes('gzip') ? await documents.compressed(document) : document, ifNoneMatch)
    }
    const own = hashes.of(found)
    if (hash !== undefined && hash !== '' && hash !== own) {
      const headers = { location: `${path}?hash=${own}`, etag: `"${own}"`, vary: VARY }
      return { status: 301, headers, body: Buffer.alloc(0) }
    }
    const document = await versionDocument(found, hashes, form)
    const kept = hash === own ? { headers: { ...document.headers, 'cache-control': FOREVER } } : {}
    return answerOf({ ...document, ...kept }, ifNoneMatch)
  }
}

/** For as long as anything can be kept. */
const FOREVER = `public, max-age=${YEAR_S}, immutable`

/** What else than the path says which bytes are sent. */
const VARY = 'Accept'

async function swagger(
  documents: Documents,
  all: Pick<DiscoveredVersion, 'resources'>,
  { hashes, form }: { readonly hashes: Hashes; readonly form: Form },
): Promise<Document> {
  const { openApiV2 } = await import('./documents.ts')
  const { swaggerProtobuf } = await import('./proto-v2.ts')
  const make = () => openApiV2(all.resources, hashes.version)
  const tag = { of: hashes.of(all) }
  const headers = { vary: `Accept-Encoding, ${VARY}` }
  return form === 'json'
    ? documents.json('v2', { contentType: JSON_TYPE, headers, tag }, make)
    : documents.bytes('v2 protobuf', { contentType: protobufType('v2'), headers, tag }, () => swaggerProtobuf(make()))
}

async function versionDocument(own: DiscoveredVersion, hashes: Hashes, form: Form): Promise<Document> {
  const { openApiV3 } = await import('./documents.ts')
  const { openApiProtobuf } = await import('./proto-v3.ts')
  const { resources } = own
  const documents = documentsFor(resources)
  const make = () => openApiV3(resources, hashes.version)
  const head = { headers: { vary: VARY }, tag: { of: hashes.of(own) } }
  return form === 'json'
    ? documents.json('v3', { contentType: JSON_TYPE, ...head }, make)
    : documents.bytes('v3 protobuf', { contentType: protobufType('v3'), ...head }, () => openApiProtobuf(make()))
}

function documentsFor(resources: readonly DiscoveredResource[]): Documents {
  const [first] = resources as [DiscoveredResource]
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
  readonly version: string
  readonly #facts = digest(factLines)
  readonly #known = new WeakMap<object, string>()

  constructor(version: string) {
    this.version = version
  }

  of(own: Pick<DiscoveredVersion, 'resources'>): string {
    let hash = this.#known.get(own)
    if (hash === undefined) {
      hash = digest(this.version + this.#facts + JSON.stringify(own.resources))
      this.#known.set(own, hash)
    }
    return hash
  }
}

function index(versions: readonly DiscoveredVersion[], hashes: Hashes): object {
  const entries = versions.map((own) => {
    const path = relativePath(own)
    return [path, { serverRelativeURL: `${INDEX}/${path}?hash=${hashes.of(own)}` }]
  })
  return { paths: Object.fromEntries(entries) as object }
}

function relativePath({ group, version }: DiscoveredVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
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
